# Правила хранилища, заморозки и изменения, о которых голосуют.

policy-title = Правила
policy-lead = Что нужно для платежей из { $name } и что их останавливает.
policy-loading = Читаю правила …
policy-rules = Как сейчас
policy-not-active = Эти правила начнут действовать, когда все держатели ключей ратифицируют их.
policy-keyholders-change = Правила меняют держатели ключей, голосованием.
policy-change = Предложить другие правила …

# Предложения о правилах
policy-every = { $approvals ->
    [one] Каждому платежу нужно { $approvals } одобрение.
    [few] Каждому платежу нужны { $approvals } одобрения.
    [many] Каждому платежу нужно { $approvals } одобрений.
   *[other] Каждому платежу нужно { $approvals } одобрения.
}
policy-below = { $approvals ->
    [one] Платежу меньше { $below } нужно { $approvals } одобрение.
    [few] Платежу меньше { $below } нужны { $approvals } одобрения.
    [many] Платежу меньше { $below } нужно { $approvals } одобрений.
   *[other] Платежу меньше { $below } нужно { $approvals } одобрения.
}
policy-tier = { $approvals ->
    [one] Начиная с { $from } нужно { $approvals } одобрение.
    [few] Начиная с { $from } нужны { $approvals } одобрения.
    [many] Начиная с { $from } нужно { $approvals } одобрений.
   *[other] Начиная с { $from } нужно { $approvals } одобрения.
}
policy-tier-keyholders = Начиная с { $from } нужно одобрений: { $approvals }, из них от держателей ключей не меньше { $keyholders }.
policy-tier-approvers = Начиная с { $from } нужно одобрений: { $approvals }, из них от одобряющих не меньше { $approvers }.
policy-tier-both = Начиная с { $from } нужно одобрений: { $approvals }, из них от держателей ключей не меньше { $keyholders } и от одобряющих не меньше { $approvers }.
policy-what-counts = Считается всё, что уходит из хранилища, вместе с комиссией.
policy-any-address = Платить можно на любой адрес.
policy-any-but = Платить можно на любой адрес, кроме названных ниже.
policy-no-address = На адреса вне хранилища платить нельзя.
policy-only-addresses = { $count ->
    [one] Платить можно только на { $count } адрес:
    [few] Платить можно только на эти { $count } адреса:
    [many] Платить можно только на эти { $count } адресов:
   *[other] Платить можно только на эти { $count } адреса:
}
policy-denied = { $count ->
    [one] На { $count } адрес никогда не платят:
    [few] На эти { $count } адреса никогда не платят:
    [many] На эти { $count } адресов никогда не платят:
   *[other] На эти { $count } адреса никогда не платят:
}
policy-freeze = { $release ->
    [one] Заморозить хранилище может сразу любой держатель ключа; разморозить — { $release } держатель ключа.
    [few] Заморозить хранилище может сразу любой держатель ключа; разморозить — { $release } держателя ключей вместе.
    [many] Заморозить хранилище может сразу любой держатель ключа; разморозить — { $release } держателей ключей вместе.
   *[other] Заморозить хранилище может сразу любой держатель ключа; разморозить — { $release } держателя ключей вместе.
}

# Форма
policy-form-approvals = Одобрений у каждого платежа
policy-form-approvals-hint = От 1 до { $most }: столько участников могут одобрять.
policy-form-tiers = Крупные платежи
policy-form-tiers-hint = Начиная с какой-то суммы можно требовать больше одобрений. Каждая ступень требует не меньше предыдущей.
policy-form-tier = Ступень { $number }
policy-form-tier-add = Ещё ступень
policy-form-tier-remove = Убрать эту ступень
policy-form-tier-from = Начиная с
policy-form-tier-from-hint = Всё, что уходит из хранилища, с комиссией
policy-form-tier-approvals = Одобрений
policy-form-tier-keyholders = из них от держателей ключей
policy-form-tier-approvers = из них от одобряющих
policy-form-tier-any = Пусто — от кого угодно, кто может одобрять
policy-form-tier-order = Ступень начинается выше { $before }.
policy-form-tier-sum = По ролям выходит { $sum }: столько их должно быть и всего.
policy-form-release = Сколько держателей ключей размораживают
policy-form-release-hint = Обычно столько же, сколько подписывают платёж.
policy-form-allow-empty = Добавьте адрес: с пустым списком платить было бы некому.
policy-form-both-lists = Один адрес стоит в обоих списках: либо можно платить, либо нельзя.
policy-edit = Другие правила
policy-edit-lists = Адреса
policy-edit-only = Платить можно только на адреса из списка
policy-edit-only-hint = Для хранилища, которое снова и снова платит одним и тем же.
policy-edit-allow = Можно платить
policy-edit-allow-none = Пока никому.
policy-edit-deny = Никогда не платить
policy-edit-deny-none = Таких нет.
policy-edit-preview = Что станет иначе
policy-edit-not-yet = Появится, когда всё выше заполнено.
policy-edit-nothing = Пока ничего.
policy-edit-check = Что-то выше ещё не так.
policy-edit-votes = Предлагая, вы голосуете «за». Правила начнут действовать, когда достаточно держателей ключей сверят двенадцать слов и проголосуют.
policy-edit-act = Предложить эти правила
policy-edit-leave = Оставить как есть
list-add = Добавить
list-add-label = Добавить адрес
list-remove = Убрать из списка
list-checking = Проверяю …
list-twice = Он уже в списке.
list-not-an-address = Это не адрес.
list-wrong-network = Это адрес другой сети.
list-own = Это адрес этого хранилища: свои адреса вносить не нужно.

# Изменения, о которых голосуют
changes-title = Предложенные изменения
change-by = Предложение: { $name }
change-votes = Голосов { $have } из { $need }
change-voters = Голосов { $have } из { $need }: { $names }.
change-settles = Ничего не меняется: так решается, какая из двух сразу принятых конфигураций действует.
change-not-you = Голосуют держатели ключей.
change-vote = Голосовать за: слова те же
change-voting = Сверяю слова и голосую …
change-voted = Вы проголосовали за изменение.
change-you-voted = Вы проголосовали за. Прочитайте свои слова тем, кто ещё не голосовал.
change-take-back = Забрать голос …
change-take-back-ask = Забрать свой голос?
change-take-back-means = Голосовать за это изменение снова вы не сможете: его придётся предложить заново.
change-take-back-act = Забрать голос
change-vote-taken = Ваш голос забран.
change-proposed = Предложено. Вы проголосовали за; теперь спрашивают остальных.
change-proposing = Предлагаю …
change-needs-votes = Это произойдёт, когда проголосует достаточно держателей ключей.

difference-rules = Версия правил станет { $to }, сейчас { $from }: старые программы больше ничего не разрешат.
difference-approvals = Одобрений у каждого платежа: { $to }, сейчас { $from }.
difference-tier-comes = Новое: { $tier }
difference-tier-goes = Больше не действует: { $tier }
difference-allow-only = Платить можно будет только на эти адреса:
difference-allow-none = На адреса вне хранилища платить будет нельзя.
difference-allow-any = Платить можно будет на любой адрес, которого нет в списке запрещённых.
difference-allowed = На этот адрес можно будет платить:
difference-not-allowed = На этот адрес платить больше нельзя:
difference-denied = На этот адрес никогда не платят:
difference-not-denied = На этот адрес снова можно платить:
difference-release = Размораживают держателей ключей: { $to }, сейчас { $from }.
difference-relays = Сообщения пойдут через { $to }; сейчас через { $from }.
difference-joins = { $name } становится участником: { $role }.
difference-leaves = { $name } уходит.
difference-leaves-key = { $name } уходит. Ключ остаётся в дескрипторе и может подписывать, пока монеты не переведут в другое хранилище.
difference-replaced = { $new } занимает место { $old }, с тем же ключом.

# Заморозки
freeze-title = Что-то не так?
freeze-text = Любой держатель ключа может сразу остановить все платежи. Возобновляет их голосование держателей ключей.
freeze-open = Заморозить хранилище …
freeze-ask = Заморозить { $name }?
freeze-act = Заморозить сейчас
freeze-means = Программа каждого участника перестанет одобрять, подписывать и отправлять, как только об этом узнает. Разморозить можно только голосованием держателей ключей.
freeze-reason = Почему
freeze-reason-hint = Это прочтут остальные. Можно оставить пустым.
freeze-done = { $name }: заморожено.
freeze-stands = Заморожено: { $name }. Ни один платёж не идёт дальше
freeze-no-reason = Причина не названа.
freeze-not-admitted = В журнале этого ещё нет: не хватает того, на чём оно основано. Платежи всё равно остановлены.
freeze-votes = Голосов за разморозку { $have } из { $need }: { $names }.
freeze-you-voted = Вы проголосовали за разморозку.
freezes-released = { $count ->
    [one] { $count } снятая заморозка
    [few] { $count } снятые заморозки
    [many] { $count } снятых заморозок
   *[other] { $count } снятой заморозки
}
freeze-was = Заморозка, { $name },
release-open = Голосовать за разморозку …
release-ask = Голосовать за снятие этой заморозки?
release-means = { $need ->
    [one] Платежи пойдут, когда проголосует { $need } держатель ключа. Забрать голос нельзя.
    [few] Платежи пойдут, когда проголосуют { $need } держателя ключей. Забрать голос нельзя.
    [many] Платежи пойдут, когда проголосуют { $need } держателей ключей. Забрать голос нельзя.
   *[other] Платежи пойдут, когда проголосуют { $need } держателя ключей. Забрать голос нельзя.
}
release-act = Голосовать за разморозку
release-done = Вы проголосовали за разморозку.
