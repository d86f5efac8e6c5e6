# Предложение платежа и лист подписания.

flow-coin = Монета этого хранилища
flow-leaves = Уходит
flow-comes-back = Возвращается, доказано
flow-fee = Комиссия
flow-head-what = Что
flow-head-amount = Сумма
flow-head-where = Куда

amount-switch-unit = Суммы в { $unit }. Перейти на { $other }
rate-not-higher = Введите ставку выше { $rate } sat/vB.
fee-share = { $share } от суммы платежа

# Чего ждёт платёж
payment-awaits-your-approval = Ждёт вас: одобрите или отклоните.
payment-awaits-your-signature = Ждёт вашей подписи.
payment-awaits-approval-of = Ждёт одобрения. Его может дать { $name }.
payment-awaits-approvals = { $more ->
    [one] Ждёт ещё { $more } одобрения.
    [few] Ждёт ещё { $more } одобрений.
    [many] Ждёт ещё { $more } одобрений.
   *[other] Ждёт ещё { $more } одобрения.
}
payment-awaits-approvals-of = { $more ->
    [one] Ждёт ещё { $more } одобрения. Его могут дать: { $names }.
    [few] Ждёт ещё { $more } одобрений. Их могут дать: { $names }.
    [many] Ждёт ещё { $more } одобрений. Их могут дать: { $names }.
   *[other] Ждёт ещё { $more } одобрения. Их могут дать: { $names }.
}
payment-awaits-signature-of = Ждёт подписи. Её может поставить { $name }.
payment-awaits-signatures = { $more ->
    [one] Ждёт ещё { $more } подписи.
    [few] Ждёт ещё { $more } подписей.
    [many] Ждёт ещё { $more } подписей.
   *[other] Ждёт ещё { $more } подписи.
}
payment-awaits-signatures-of = { $more ->
    [one] Ждёт ещё { $more } подписи. Её могут поставить: { $names }.
    [few] Ждёт ещё { $more } подписей. Их могут поставить: { $names }.
    [many] Ждёт ещё { $more } подписей. Их могут поставить: { $names }.
   *[other] Ждёт ещё { $more } подписи. Их могут поставить: { $names }.
}
payment-awaits-sending = Всё необходимое есть, платёж ждёт отправки.
payment-awaits-block = Платёж отправлен и ждёт блока.
payment-last-heard = Последнее сообщение

# Правила
rule-every = Каждому платежу нужно { $approvals ->
    [one] { $approvals } одобрение
    [few] { $approvals } одобрения
    [many] { $approvals } одобрений
   *[other] { $approvals } одобрения
} и { $signatures ->
    [one] { $signatures } подпись.
    [few] { $signatures } подписи.
    [many] { $signatures } подписей.
   *[other] { $signatures } подписи.
}
rule-from = Уходит { $from } или больше: для этого нужно { $approvals ->
    [one] { $approvals } одобрение
    [few] { $approvals } одобрения
    [many] { $approvals } одобрений
   *[other] { $approvals } одобрения
} и { $signatures ->
    [one] { $signatures } подпись.
    [few] { $signatures } подписи.
    [many] { $signatures } подписей.
   *[other] { $signatures } подписи.
}
rule-recovery = Платит резервный путь хранилища: нужно { $approvals ->
    [one] { $approvals } одобрение
    [few] { $approvals } одобрения
    [many] { $approvals } одобрений
   *[other] { $approvals } одобрения
} и резервными ключами { $signatures ->
    [one] { $signatures } подпись.
    [few] { $signatures } подписи.
    [many] { $signatures } подписей.
   *[other] { $signatures } подписи.
}
rule-by-role = { $count ->
    [one] { $count } из одобрений должен дать участник с ролью: { $role }.
    [few] { $count } из одобрений должны дать участники с ролью: { $role }.
    [many] { $count } из одобрений должны дать участники с ролью: { $role }.
   *[other] { $count } из одобрений должны дать участники с ролью: { $role }.
}

# Список платежей
payments-title = Платежи
payments-new = Предложить платёж
payments-none = Платежей ещё не предлагали. Кто хочет заплатить, предлагает платёж здесь, остальные одобряют и подписывают.
payments-open = Открытые
payments-over = Завершённые
payments-more = { $count ->
    [one] Показать ещё { $count }
    [few] Показать ещё { $count }
    [many] Показать ещё { $count }
   *[other] Показать ещё { $count }
}
payment-ring = Одобрений { $approvals } из { $needapprovals }, подписей { $signatures } из { $needsignatures }
payment-to-vault = Обратно в хранилище
payment-to-several = { $count ->
    [one] { $count } получатель
    [few] { $count } получателя
    [many] { $count } получателей
   *[other] { $count } получателя
}
payment-self-test = Проверка подписей
payment-without-purpose = Назначение не указано

# Новый платёж
propose-title = Новый платёж
propose-lead = Предложение само ничего не отправляет. Остальные увидят ровно это, одобрят и подпишут.
propose-not-you = Вы можете читать это хранилище, но не предлагать платежи: это могут держатели ключей и те, кто одобряет.
propose-recipients = Кому
propose-add-recipient = Добавить получателя
propose-remove-recipient = Убрать этого получателя
propose-address = Адрес
propose-address-empty = Введите или вставьте адрес.
propose-address-none = Это не биткойн-адрес. Проверьте, нет ли пропущенной или лишней буквы.
propose-address-network = Это адрес другой сети биткойна. Деньги, отправленные туда отсюда, пропадут.
propose-address-denied = Правила запрещают платить на этот адрес.
propose-address-not-allowed = Правила разрешают платить только на адреса из списка, а этого адреса в нём нет.
propose-address-looking = Проверяю адрес …
propose-address-unlooked = Проверить адрес не удалось. Перед предложением он будет проверен ещё раз.
propose-address-own = Это адрес самого хранилища: деньги просто вернутся.
propose-address-new = Адрес верный. Это хранилище на него ещё не платило.
propose-address-paid = { $times ->
    [one] Это хранилище уже платило на него { $times } раз.
    [few] Это хранилище уже платило на него { $times } раза.
    [many] Это хранилище уже платило на него { $times } раз.
   *[other] Это хранилище уже платило на него { $times } раза.
}
propose-address-similar = Этот адрес похож на другой, но это не он.
propose-address-similar-do = Воры подбирают адреса, которые начинаются и кончаются так же, как знакомый вам, и ждут, что вы скопируете их адрес из истории. Сравните отмеченные группы и спросите получателя.
propose-address-this = Вы ввели
propose-address-earlier = Похож на
propose-clipboard-changed = В буфере обмена не то, что вы вставили.
propose-clipboard-changed-do = Какая-то программа на этом компьютере, возможно, подменяет адреса в буфере обмена. Прежде чем продолжить, сравните весь адрес с источником.
propose-amount = Сумма
propose-all = Получит всё, что останется после комиссии
propose-all-gets = Получит
propose-all-later = всё, что останется
propose-fee = Комиссия
propose-fee-how-soon = Как скоро платёж должен попасть в блок
propose-fee-soon = Скоро
propose-fee-hour = В течение часа
propose-fee-day = В течение суток
propose-fee-own = Другая ставка
propose-fee-own-explained = Ввести самостоятельно
propose-fee-loading = Спрашиваю источник блокчейна о комиссиях …
propose-fee-unknown = Источник блокчейна сейчас не даёт оценки. Введите ставку сами.
propose-fee-own-all-the-same = Ставку всё равно можно ввести самостоятельно.
propose-rate = Ставка комиссии
propose-rate-hint = Не меньше { $least } sat/vB
propose-rate-low = Источник блокчейна не принимает ставку ниже { $least } sat/vB.
propose-purpose = Назначение
propose-purpose-hint = Остальные прочтут это, прежде чем одобрить. Запись останется в журнале.
propose-more = Монеты и срок
propose-coins = Выбрать монеты самостоятельно
propose-coins-hint = Иначе программа возьмёт из свободных столько, сколько нужно.
propose-coins-loading = Читаю монеты …
propose-coins-none = В этом хранилище ещё нет монет.
propose-coins-more = Показаны самые новые монеты, не больше { $count }.
propose-coins-chosen = { $count ->
    [one] Выбрана { $count } монета:
    [few] Выбраны { $count } монеты:
    [many] Выбрано { $count } монет:
   *[other] Выбрано { $count } монеты:
}
propose-coin-frozen = заморожена здесь
propose-coin-held = занята другим платежом
propose-coin-unconfirmed = ещё не в блоке
propose-expiry = Срок для подписания
propose-expiry-hint = Столько платёж держит свои монеты. Потом они снова свободны.
propose-days = { $days ->
    [one] { $days } день
    [few] { $days } дня
    [many] { $days } дней
   *[other] { $days } дня
}
propose-recovery = Заплатить через резервный путь хранилища
propose-recovery-hint = Монетами, которые достаточно долго не двигались; подписывают резервные ключи.
propose-do = Предложить этот платёж
propose-busy = Предлагаю …
propose-done = Платёж предложен. Остальные его уже видят.
propose-kept = Ничего не предложено, введённое осталось на месте.
propose-not-sent = Предложение ничего не отправляет: сначала нужны одобрения и подписи.
preview-title = Каким будет платёж
preview-empty = Получатель, сумма и комиссия: как только они есть, здесь видно, что уйдёт и что вернётся.
preview-loading = Считаю …
preview-kept = Введённое осталось на месте.
preview-leaves = Уйдёт из хранилища
preview-change = Вернётся
preview-coins = Потратит
preview-coin-count = { $count ->
    [one] { $count } монету
    [few] { $count } монеты
    [many] { $count } монет
   *[other] { $count } монеты
}
preview-rule = Правило
preview-approvers = Могут одобрить
preview-signers = Могут подписать
preview-recovery-keys = те, у кого резервные ключи
preview-against = Этому мешает

# Лист подписания
payment-title = Платёж на { $amount }
payment-title-back = Платёж обратно в хранилище
payment-gone-title = Здесь такого нет
payment-gone = Этого платежа нет в журнале хранилища.
payment-proposed-by = Предложил участник { $name },
payment-in-block = Блок { $height }
payment-expires = Срок подписания истекает
payment-self-test-explained = Это проверка подписей: деньги вернутся в хранилище, а каждый держатель ключа один раз подпишет, чтобы все знали, что он может.
payment-recovery-explained = Здесь платит резервный путь хранилища: монеты, которые давно не двигались, подписывают резервные ключи.
payment-replaces = Этот платёж занимает место другого.
payment-show-replaced = Показать тот платёж
payment-replaced-by = Место этого платежа может занять другой.
payment-show-replacing = Показать другой платёж
payment-flow = Платёж: с одной стороны монеты хранилища, с другой то, что уходит, то, что возвращается, и комиссия
payment-recipients = Кому
payment-pays-nobody = За пределами хранилища никто ничего не получит: вернётся всё, кроме комиссии.
payment-proven = Доказано на этом компьютере: монеты, суммы, сдача и комиссия.
payment-not-proven-yet = Пока не доказано: источник блокчейна ещё не показал монеты. До этого здесь ничего нельзя подписать.
payment-has-findings = { $count ->
    [one] Найдена { $count } опасность: смотрите ниже.
    [few] Найдены { $count } опасности: смотрите ниже.
    [many] Найдено { $count } опасностей: смотрите ниже.
   *[other] Найдено { $count } опасности: смотрите ниже.
}
payment-whole = Все монеты и выходы с полными адресами
payment-coin = Монета
payment-output-back = Возвращается, сдача { $index }
payment-output-leaves = Уходит
payment-more-ends = { $count ->
    [one] и ещё { $count }
    [few] и ещё { $count }
    [many] и ещё { $count }
   *[other] и ещё { $count }
}
payment-purpose = Назначение
payment-no-purpose = Назначение не указано.
payment-rule = Правило
payment-unmet = Ещё не выполнено
payment-all-met = Всё, чего требует правило, есть.
payment-so-many = { $have } из { $need }
payment-signed-by-others = Подписывают резервные ключи, которых нет ни у одного участника.
payment-given = есть
payment-given-in-vain = дано, но больше не считается
payment-refused = отказ
payment-not-yet = ещё нет
payment-not-given = не было
payment-you = (вы)
payment-words = Слова для сверки
payment-words-explained = Прочтите их друг другу вслух, прежде чем одобрить или подписать. Кто видит другие слова, видит другой платёж.
payment-words-loading = Читаю слова …
payment-approve-of = Одобрить этот платёж на { $amount }
payment-approve-back = Одобрить этот платёж обратно в хранилище
payment-approve-explained = Ваше одобрение попадёт в журнал под вашим именем, взять его назад нельзя. Отклонить платёж можно, пока он не отправлен.
payment-approved-now = Одобрено. Остальные это уже видят.
payment-approving = Одобряю …
payment-sign-of = Подписать этот платёж на { $amount }
payment-sign-back = Подписать этот платёж обратно в хранилище
payment-sign-explained = Ваш ключ подпишет ровно то, что показано здесь. Подпись нельзя взять назад: когда их хватит, платёж отправится сам.
payment-signed-now = Подписано. Остальные это уже видят.
payment-signing = Подписываю …
payment-reject-of = Отклонить этот платёж на { $amount }
payment-reject-back = Отклонить этот платёж обратно в хранилище
payment-reject-explained = Отклонённый платёж дальше не пойдёт. Если он всё-таки верен, его придётся предложить заново.
payment-rejected-now = Отклонено. Остальные это уже видят.
payment-rejecting = Отклоняю …
payment-withdraw-of = Отозвать этот платёж на { $amount }
payment-withdraw-back = Отозвать этот платёж обратно в хранилище
payment-withdraw-explained = Дальше он не пойдёт. Его монеты снова свободны, платёж можно предложить заново.
payment-withdrawn-now = Отозвано. Остальные это уже видят.
payment-withdrawing = Отзываю …
payment-danger = Этот платёж подписывать нельзя.
payment-danger-do = Здесь ничего не подписано. Спросите того, кто его предложил, не через эту программу, и отклоните платёж.
payment-otherwise = Что ещё можно сделать
payment-new-rate = Новая ставка комиссии
payment-bump = Поднять комиссию
payment-bump-explained = Предлагает тот же платёж с большей комиссией вместо этого. Ему нужны свои одобрения и подписи.
payment-bump-costs = Комиссия будет около { $fee } вместо { $old }: примерно на { $more } больше. Точная комиссия будет видна в новом платеже до того, как его кто-нибудь одобрит.
payment-bump-do = Предложить с этой комиссией
payment-cancel = Вернуть монеты
payment-cancel-explained = Предлагает вернуть монеты в хранилище вместо этого платежа. Если он попадёт в блок раньше, будет поздно.
payment-cancel-costs = Это будет стоить не больше примерно { $fee }. Точная комиссия будет видна в новом платеже до того, как его кто-нибудь одобрит.
payment-cancel-do = Предложить вернуть монеты
payment-speed-up = Ускорить с помощью сдачи
payment-speed-up-explained = Предлагает потратить то, что вернулось этим платежом, с комиссией за оба: тогда майнеры возьмут их вместе.
payment-speed-up-costs = Это будет стоить примерно { $more } и комиссию самого нового платежа. Точная комиссия будет видна в нём до того, как его кто-нибудь одобрит.
payment-speed-up-do = Предложить ускорение
payment-sign-with = Подписать резервным ключом
payment-sign-with-explained = Для ключа, которого нет ни в одной программе. Его слова нужны только для этой подписи и не сохраняются.
payment-sign-with-words = 12 или 24 слова ключа
payment-sign-with-do = Подписать этими словами
payment-export = Подписать на другом устройстве
payment-export-explained = Платёж файлом (PSBT) вместе с подписями, которые уже есть. Ничего секретного в нём нет.
payment-export-file = Записать файл
payment-export-copy = Скопировать текстом
payment-export-qr = Показать QR-код
payment-export-hide = Скрыть QR-код
payment-export-qr-title = Платёж как PSBT
payment-import = Взять подписи с другого устройства
payment-import-explained = Берутся только подписи, и каждая сначала сверяется с этим платежом.
payment-import-file = Выбрать файл
payment-import-picture = Выбрать картинку с QR-кодом
payment-import-text = Или вставьте текст
payment-import-do = Взять подписи
payment-import-busy = Проверяю …
payment-import-kept = Ни одна подпись не взята, прежние на месте.
payment-import-taken = Подписи взяты.
payment-import-of = { $count ->
    [one] { $count } подпись, { $name }
    [few] { $count } подписи, { $name }
    [many] { $count } подписей, { $name }
   *[other] { $count } подписи, { $name }
}
payment-import-recovery-key = резервный ключ
payment-import-nothing = { $count ->
    [0] Новых подписей там нет.
    [one] Ничего нового: { $count } подпись оттуда здесь уже есть.
    [few] Ничего нового: { $count } подписи оттуда здесь уже есть.
    [many] Ничего нового: { $count } подписей оттуда здесь уже есть.
   *[other] Ничего нового: { $count } подписи оттуда здесь уже есть.
}
payment-txid = Транзакция
payment-txid-copy = Скопировать номер транзакции
payment-history = История
payment-history-loading = Читаю журнал …
payment-history-void = без последствий
payment-all = Все платежи
