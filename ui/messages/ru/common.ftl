# Слова, одинаковые на всех страницах: роли, состояния, опасности, чего не хватает, единицы, время.

ask-again = Спросить ещё раз
cancel = Отменить
technical-details = Технические подробности
nothing-changed = Ничего не изменено.
shown-is-old = Показано последнее, что было известно.
nobody = пока никто
names-and = { $first } и { $last }
balance = Баланс
balance-unconfirmed = ещё не в блоке
fee = Комиссия
approved-by = Одобрили
signed-by = Подписали
waits-for-you = { $count ->
    [one] { $count } дело ждёт вас
    [few] { $count } дела ждут вас
    [many] { $count } дел ждут вас
   *[other] { $count } дела ждут вас
}
watched-only = Только наблюдение
copy-address = Скопировать адрес
copy-key = Скопировать ключ
copy-path = Скопировать путь
copied = Скопировано. Буфер обмена будет очищен через 60 секунд.
qr-too-long = Текст слишком длинный для одного QR-кода. Воспользуйтесь файлом.
file-too-large = Файл больше { $kilobytes } кБ. Ничего не прочитано.
file-unreadable = Файл не удалось прочитать. Выберите его ещё раз или возьмите другой.
confirm-leave = Не надо
confirm-type-word = Чтобы продолжить, введите «{ $word }»

# Роли
role-keyholder = держатель ключа
role-approver = одобряющий
role-mediator = посредник
role-auditor = аудитор
role-signer = автоматический подписант
role-keyholder-explained = Хранит один из ключей: одобряет платежи и подписывает их.
role-approver-explained = Одобряет платежи или отклоняет их. Ключа не имеет.
role-mediator-explained = Хранит ключ и решает, когда стороны сделки не согласны.
role-auditor-explained = Всё читает и проверяет. Больше ничего не может.
role-signer-explained = Программа, которая хранит ключ и подписывает сама.

# Хранилища
vault-status-gathering = собирает участников
vault-status-proving = ждёт доказательства каждого ключа
vault-status-ratifying = ждёт ратификации
vault-status-active = действует
key-state-unproven = ключ ещё не доказан
key-state-proven = ключ доказан
script-p2wsh-sortedmulti = Native segwit (P2WSH), ключи упорядочены
script-p2wsh-multi = Native segwit (P2WSH), ключи в заданном порядке
script-nested-sortedmulti = Segwit внутри P2SH, ключи упорядочены
script-nested-multi = Segwit внутри P2SH, ключи в заданном порядке
script-legacy-sortedmulti = Без segwit (P2SH), ключи упорядочены
script-legacy-multi = Без segwit (P2SH), ключи в заданном порядке
script-taproot-multi = Taproot, ключи в заданном порядке
template-low-trust-3-of-5 = Пять равных ключей, подписывают трое
template-hot-2-of-3 = Отдел и служба безопасности, двое из трёх
template-escrow-2-of-3 = Покупатель, продавец и посредник, двое из трёх
template-low-trust-3-of-5-explained = Для тех, кто не слишком доверяет друг другу. Двое из пяти могут пропасть или отказаться, остальные трое всё равно заплатят.
template-hot-2-of-3-explained = Для повседневных платежей. Отдел подписывает, служба безопасности подписывает после проверки, запасной ключ лежит в другом месте.
template-escrow-2-of-3-explained = Для одной сделки. Покупатель и продавец завершают её сами; посредник подписывает, только если они не согласны.

# Платежи
proposal-status-proposed = Ждёт одобрений
proposal-status-approved = Ждёт подписей
proposal-status-signed = Подписан, ждёт отправки
proposal-status-broadcast = Отправлен, ждёт блока
proposal-status-confirmed = Подтверждён
proposal-status-rejected = Отклонён
proposal-status-expired = Срок истёк, монеты свободны
proposal-status-replaced = Заменён другим платежом
replacement-fee-bump = Платит тем же получателям те же суммы с большей комиссией.
replacement-cancel = Не платит никому: всё возвращается в хранилище за вычетом комиссии.
replacement-other-payment = Платит другим или другие суммы: судите о нём как об отдельном платеже.

# Шаги учебного хранилища
step-ahead = впереди
step-running = выполняется
step-done = готово
step-failed = не удалось

# Парольные фразы
passphrase = Парольная фраза
passphrase-show = Показать
passphrase-hide = Скрыть
advice-longer = Сделайте её длиннее.
advice-uncommon = Обойдитесь без имён, дат и частых паролей.
advice-less-regular = Обойдитесь без повторов и рядов клавиш.
advice-more-words = Добавьте слова, не связанные друг с другом.

# Что введено
form-empty = Заполните это поле.
form-too-long = Сюда помещается не больше { $most } знаков.
form-not-a-number = Введите целое число, только цифры.
form-out-of-range = Введите число от { $least } до { $most }.
form-no-server = Введите адрес, например { $form }.
form-not-the-same = Это не то, что введено выше.
server-here = Этот компьютер, без Tor
server-own-network = Своя сеть, открыто и без Tor
tor-off = Tor: не нужен
tor-starting = Tor: подключение, { $percent } %
tor-ready = Tor: подключён
tor-failed = Tor: не подключён; ничего не отправляется
hosting-off = Не обслуживается
hosting-waiting = Ждёт Tor
hosting-publishing = Объявляется; это может занять несколько минут
hosting-reachable = Доступен
hosting-failed = Недоступен; попытки продолжаются
tor-trouble-configuration = Настройку Tor или мост нельзя использовать. Исправьте их.
tor-trouble-folder = Его папку нельзя использовать. Закройте другие программы, открывшие эту папку данных, и проверьте, есть ли место на диске.
tor-trouble-offline = Похоже, у этого компьютера нет сети. Подключите его.
tor-trouble-filtered = Похоже, сеть блокирует Tor. Добавьте мосты ниже.
tor-trouble-clock = Часы этого компьютера идут неверно. Поправьте их.
tor-trouble-directory = Каталог Tor получить не удаётся. Попытки продолжаются; если это надолго, проверьте часы и сеть.
tor-trouble-unreachable = До сети Tor не добраться. Попытки продолжаются; могут помочь мосты.
amount-empty = Введите сумму.
amount-not-a-number = Введите цифры с одной точкой, например 0.25.
amount-points-doubled = Нужна только одна точка, а между тысячами — пробелы.
amount-comma-unclear = Поставьте точку: 1,000 для одних тысяча, для других единица.
amount-groups-uneven = Пробелы ставятся между группами из трёх цифр.
amount-too-many-decimals = После точки помещается не больше восьми цифр.
amount-sat-divided = Сатоши не делится: уберите точку.
amount-more-than-there-is = Биткойнов всего 21 миллион.
amount-zero = Введите сумму больше нуля.
rate-empty = Введите ставку комиссии.
rate-not-a-number = Введите цифры с одной точкой, например 2.5.
rate-too-many-decimals = После точки помещается не больше трёх цифр.
rate-zero = Введите ставку больше нуля.
rate-too-high = Принимается не больше 10 000 sat/vB.

# Время
time-just-now = только что
time-minutes-ago = { $minutes ->
    [one] { $minutes } минуту назад
    [few] { $minutes } минуты назад
    [many] { $minutes } минут назад
   *[other] { $minutes } минуты назад
}
time-hours-ago = { $hours ->
    [one] { $hours } час назад
    [few] { $hours } часа назад
    [many] { $hours } часов назад
   *[other] { $hours } часа назад
}
time-days-ago = { $days ->
    [one] { $days } день назад
    [few] { $days } дня назад
    [many] { $days } дней назад
   *[other] { $days } дня назад
}
time-in-minutes = { $minutes ->
    [one] через { $minutes } минуту
    [few] через { $minutes } минуты
    [many] через { $minutes } минут
   *[other] через { $minutes } минуты
}
time-in-hours = { $hours ->
    [one] через { $hours } час
    [few] через { $hours } часа
    [many] через { $hours } часов
   *[other] через { $hours } часа
}
time-in-days = { $days ->
    [one] через { $days } день
    [few] через { $days } дня
    [many] через { $days } дней
   *[other] через { $days } дня
}
time-seconds = { $seconds ->
    [one] { $seconds } секунда
    [few] { $seconds } секунды
    [many] { $seconds } секунд
   *[other] { $seconds } секунды
}
time-minutes = { $minutes ->
    [one] { $minutes } минута
    [few] { $minutes } минуты
    [many] { $minutes } минут
   *[other] { $minutes } минуты
}
time-hours = { $hours ->
    [one] { $hours } час
    [few] { $hours } часа
    [many] { $hours } часов
   *[other] { $hours } часа
}
time-days = { $days ->
    [one] { $days } день
    [few] { $days } дня
    [many] { $days } дней
   *[other] { $days } дня
}

# Чего не хватает
unmet-not-active = Хранилище не действует: ратифицировали не все держатели ключей.
unmet-rules-unknown = Правила хранилища новее этой программы: обновите её.
unmet-configuration-changed = Конфигурация хранилища изменилась: предложите платёж заново.
unmet-configurations-doubled = Приняты сразу две конфигурации: держатели ключей должны решить голосованием.
unmet-role-missing = Это может только участник с этой ролью: { $role }.
unmet-approvals-missing = Дано одобрений: { $have } из { $need }.
unmet-role-approvals-missing = Дано одобрений от этой роли: { $have } из { $need } ({ $role }).
unmet-destination-denied = Этот адрес в списке тех, кому не платят никогда: { $address }
unmet-destination-not-allowed = Этого адреса нет в списке тех, кому можно платить: { $address }
unmet-frozen = Хранилище заморожено (кем: { $name }): пока заморозка не снята, ничего не происходит.
unmet-signatures-missing = Подписали держатели ключей: { $have } из { $need }.
unmet-rejected = Отклонено (кем: { $name }).
unmet-ended = Платёж завершён: он отправлен, или одна из его монет потрачена.
unmet-coin-reserved = Одну из его монет держит другой платёж.
unmet-expired = Его не подписали в срок, который дал предложивший: предложите его заново.
unmet-void = Предложение не имеет силы.
unmet-challenge-missing = Число участника { $name } ещё не пришло: подождите, пока его программа его отправит.
unmet-key-proof-missing = Участник { $name } не доказал, что держит ключ из конфигурации (key-unproven).
unmet-two-stories = Участник { $name } рассказал разным участникам разное (two-stories).
unmet-already-signed = Этот ключ уже подписал.
unmet-danger = Опасность: { $danger }.
unmet-funds-missing = Нужно { $need }, потратить можно { $have }.

# Отказы, о которых окно больше ничего не знает
failure-kind-rule = Сейчас этого не позволяет правило.
failure-kind-input = В запросе что-то неверно.
failure-kind-network = Релей или источник данных о цепочке недоступен.
failure-kind-machine = Этот компьютер не смог этого сделать.
failure-silent = Программа за окном не ответила.
failure-unexpected = Программа за окном ответила не то, о чём её спросили.

# Опасности: простыми словами, затем постоянное имя
finding-transaction-not-proposed = Это не та транзакция, которую предложили (transaction-not-proposed)
finding-input-not-ours = Она тратит монету не из этого хранилища (input-not-ours)
finding-change-not-ours = Сдача не вернулась бы в это хранилище (change-not-ours)
finding-previous-transaction-missing = Сумму входа нельзя доказать без предыдущей транзакции (previous-transaction-missing)
finding-previous-transaction-foreign = Предыдущая транзакция не та, которую называет вход (previous-transaction-foreign)
finding-amount-unproven = Сумма входа не та, что в цепочке (amount-unproven)
finding-sighash-unexpected = Подпись охватила бы не всю транзакцию (sighash-unexpected)
finding-finals-prefilled = Она пришла с уже вписанными подписями (finals-prefilled)
finding-input-duplicated = Она тратит одну монету дважды (input-duplicated)
finding-fee-negative = Выходит больше, чем входит (fee-negative)
finding-locktime-ahead = Её можно придержать и отправить, когда о ней забудут (locktime-ahead)
finding-fee-absurd = Комиссия нелепо велика (fee-absurd)
finding-two-stories = Участник рассказал разным участникам разное: его согласия и предложения здесь больше не считаются (two-stories)
finding-chain-broken = Событие не следует за тем, что его автор записал перед ним (chain-broken)
finding-event-forged = Событие не подписано участником, от имени которого пришло (event-forged)
finding-message-malformed = Пришло сообщение, какого не пишет ни одна честная программа (message-malformed)
finding-stranger-refused = Сообщение прислал тот, кто не является участником (stranger-refused)
finding-flood-refused = Участник присылает больше, чем здесь хранится из ожидающего недостающих событий (flood-refused)
finding-relay-withholds = Релей придерживает сообщения (relay-withholds)
finding-clock-ahead = Часы участника сильно спешат, или отстают часы этого компьютера (clock-ahead)
finding-action-unknown = У участника программа новее: ничего не разрешается, пока эту не обновят (action-unknown)
finding-backup-restored = Эта установка восстановлена из старой копии: она только читает, пока остальные не скажут, что она говорила последним (backup-restored)
finding-invitation-doubled = Одно приглашение использовали несколько человек: кто-то из них не тот, кого звали (invitation-doubled)
finding-words-differ = Слова остальных другие: возможно, у них другие ключи (words-differ)
finding-double-vote = Приняты два преемника одной конфигурации: кто-то голосовал дважды, и ничего не разрешается, пока остальные не проголосуют снова (double-vote)
finding-database-damaged = В базе данных не то, что записала эта программа (database-damaged)
finding-change-index-far = Сдача вернулась бы на адрес, где её не ищет ни одна программа (change-index-far)
finding-origin-swapped = Происхождение ключа указано не так, как в дескрипторе (origin-swapped)
finding-key-duplicated = Один ключ стоит дважды (key-duplicated)
finding-script-mismatch = Скрипт не тот, которого требует монета (script-mismatch)
finding-signature-invalid = Подпись недействительна (signature-invalid)
finding-psbt-malformed = Это не PSBT, который можно прочитать (psbt-malformed)
finding-oversize = Слишком большой размер (oversize)
finding-outputs-changed = Файлы относятся к разным транзакциям (outputs-changed)
finding-fee-unverified = Комиссию нельзя доказать (fee-unverified)
finding-fields-conflict = Два файла противоречат друг другу (fields-conflict)
finding-key-foreign = Этот ключ не из этого кошелька (key-foreign)
finding-descriptor-malformed = Это не дескриптор, который можно прочитать (descriptor-malformed)
finding-checksum-wrong = Дескриптор изменён или введён с ошибкой (checksum-wrong)
finding-not-supported = Такая форма известна, но не поддерживается (not-supported)
finding-private-key-inside = Внутри есть закрытый ключ (private-key-inside)
finding-key-unproven = Участник не показал, что держит ключ, стоящий под его именем (key-unproven)
finding-own-key-swapped = Конфигурация называет для участника не его ключ (own-key-swapped)
finding-origin-unknown = Ключ не говорит, из какого сида и по какому пути он получен (origin-unknown)
finding-address-differs = Программа участника вывела другой адрес для поступлений: ничего на него не платите (address-differs)
