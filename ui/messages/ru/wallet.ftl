# Деньги хранилища: обзор, монеты, адреса, транзакции, метки, дескрипторы под наблюдением.

overview-history = Баланс по времени, сейчас { $balance }
overview-history-loading = Читаю баланс по времени …
overview-pay = Предложить платёж
overview-receive = Получить
overview-waits = Ждёт вас
overview-payments = Открытые платежи
overview-payments-none = Открытых платежей нет.
overview-payments-all = Все платежи
overview-activity = Последние транзакции
overview-activity-all = Все транзакции
overview-members = Участники
overview-members-all = Участники и создание хранилища
overview-backup-sheet = Памятный лист
overview-member = Участник
overview-roles = Роль
overview-heard = Последняя весть
overview-signed = Первая подпись
overview-you = (вы)
overview-here = здесь
overview-present = на связи
overview-away = не на связи
overview-silent = давно молчит
overview-never-heard = вестей ещё не было
overview-no-key = ключа нет
overview-never-signed = ещё нет
overview-health = Состояние
overview-network = Сеть
overview-connected = Ретрансляторы и источник блокчейна отвечают
overview-chain = Блокчейн
overview-record = Журнал
overview-all-hold = у всех участников он целиком
overview-lag = { $members ->
    [one] { $members } участник ещё не подтвердил, что у него всё
    [few] { $members } участника ещё не подтвердили, что у них всё
   *[other] { $members } участников ещё не подтвердили, что у них всё
}
overview-events = { $events ->
    [one] { $events } событие
    [few] { $events } события
   *[other] { $events } событий
}
overview-waiting = { $events ->
    [one] { $events } событие ждёт тех, на которых оно основано
    [few] { $events } события ждут тех, на которых они основаны
   *[other] { $events } событий ждут тех, на которых они основаны
}
overview-script = Адреса
overview-whose = Чьих рук дело: { $whose }
overview-frozen = Хранилище заморожено участником { $name }: платежей нет.
overview-frozen-more = Как его разморозить

coins-title = Монеты
coins-lead = Все монеты, которые ещё не потрачены. Замороженная монета не войдёт в платежи, которые предлагаете вы; другим об этом не сообщается.
coins-loading = Читаю монеты …
coins-none = Монет здесь ещё нет. Выдайте адрес, чтобы их получить.
coins-count = { $count ->
    [one] { $count } монета
    [few] { $count } монеты
   *[other] { $count } монет
}
coins-amount = Сумма
coins-address = Адрес
coins-state = Состояние
coins-freezing = Расход
coins-change = Сдача { $index }
coins-deposit = Поступление { $index }
coins-copy = Скопировать имя монеты (транзакция и выход)
coins-held = занята платежом
coins-unconfirmed = ещё не в блоке
coins-frozen = заморожена здесь
coins-free = свободна
coins-block = Блок { $height }
coins-until = до
coins-freeze = Заморозить
coins-unfreeze = Разморозить

label = Метка
label-write = Изменить метку: { $what }
label-keep = Сохранить
label-keeping = Сохраняю …
label-of-coin = эта монета
label-of-transaction = эта транзакция
label-of-address = этот адрес
labels-title = Метки
labels-lead = Метки остаются в этой программе. Они читаются и пишутся в виде BIP329, который понимают другие кошельки.
labels-export = Записать все метки в файл
labels-import = Прочитать метки из файла
labels-unreadable = Этот файл не текст. Ничего не прочитано.
labels-taken = { $taken ->
    [one] Прочитана { $taken } метка.
    [few] Прочитаны { $taken } метки.
   *[other] Прочитано { $taken } меток.
}
labels-unknown = { $unknown ->
    [one] { $unknown } из них о том, чего здесь не видно; она всё равно сохранена.
    [few] { $unknown } из них о том, чего здесь не видно; они всё равно сохранены.
   *[other] { $unknown } из них о том, чего здесь не видно; они всё равно сохранены.
}
labels-frozen = { $frozen ->
    [one] { $frozen } монета теперь заморожена, как просит файл.
    [few] { $frozen } монеты теперь заморожены, как просит файл.
   *[other] { $frozen } монет теперь заморожено, как просит файл.
}
labels-refused = { $refused ->
    [one] { $refused } строка не метка и пропущена.
    [few] { $refused } строки не метки и пропущены.
   *[other] { $refused } строк не метки и пропущены.
}
labels-line = Строка { $line }:

transactions-title = Транзакции
transactions-loading = Читаю транзакции …
transactions-none = Транзакций ещё нет.
transactions-count = { $count ->
    [one] { $count } транзакция
    [few] { $count } транзакции
   *[other] { $count } транзакций
}
transactions-when = Когда
transactions-amount = Сумма
transactions-id = Транзакция
transactions-came = пришло
transactions-went = ушло
transactions-payment = платёж
transactions-copy = Скопировать номер транзакции
transactions-export = Записать все в таблицу (CSV)

addresses-title = Адреса
addresses-lead = Выведены здесь из дескриптора, который утвердили все держатели ключей.
addresses-loading = Вывожу адреса …
addresses-none = Ни одного адреса ещё не выдано и не использовано.
addresses-which = Какие
addresses-deposits = Для поступлений
addresses-change = Для сдачи
addresses-index = Номер
addresses-balance = Лежит сейчас
addresses-received = Пришло всего
addresses-issued = Выдан участником { $name }
addresses-attested = Так же вывели: { $names }

watch-title = Наблюдать за дескриптором
watch-lead = Для кошелька или хранилища, которое вы хотите видеть, но не использовать отсюда: ключи не нужны, заплатить отсюда нельзя.
watch-name = Как вы его назовёте
watch-descriptor = Дескриптор
watch-descriptor-hint = Одна строка для обоих видов адресов (<0;1>) или по строке на каждый. Только с открытыми ключами.
watch-file = Прочитать из файла
watch-chain = Источник блокчейна
watch-chain-hint = Сервер Electrum, например ssl://electrum.example:50002, через Tor, или на этом компьютере. Он узнаёт, о каких адресах вы спрашиваете.
watch-check = Посмотреть, что это
watch-begin = Наблюдать
watch-busy = Читаю …
watch-understood = Что удалось понять
watch-kind = Вид
watch-quorum = Подписи
watch-m-of-n = { $threshold } из { $keys }
watch-keys = Ключи
watch-addresses = Первые адреса
watch-whole = Дескриптор целиком
watch-copy = Скопировать дескриптор
watched-lead = Только наблюдение: ключей от него в этой программе нет.
watched-block = Блок { $height }
watched-what = Что это
watched-chain = Источник блокчейна
chain-change = Спрашивать теперь его
chain-changed = Теперь спрашиваем другой источник блокчейна.
watched-forget = Больше не наблюдать
watched-forget-title = Больше не наблюдать за { $name }?
watched-forget-text = Всё прочитанное о нём и его метки исчезнут из этой программы. Монеты это не затронет. Наблюдать снова можно с тем же дескриптором.

export-busy = Записываю …
export-kept = Файл не записан.
export-saved = Записано, { $kilobytes } кБ:
export-copy-path = Скопировать путь
pager = Части списка
pager-newer = Новее
pager-older = Старше

warning-checksum-missing = Нет контрольной суммы: опечатка останется незамеченной (checksum-missing)
warning-origin-missing = У ключа не сказано, от какого главного ключа он происходит: подписывающие устройства могут отказаться (origin-missing)
warning-fingerprint-zero = Отпечаток ключа 00000000: устройства не найдут свой ключ (fingerprint-zero)
warning-depth-differs = Глубина ключа не равна длине его пути: путь может быть неверным (depth-differs)
warning-multi-unsorted = Порядок ключей важен: программа, которая их сортирует, получит другие адреса (multi-unsorted)
warning-key-reused = Один ключ стоит в нескольких местах с разными путями (key-reused)
warning-change-missing = Адресов для сдачи нет (change-missing)
warning-change-implied = Адресов для сдачи нет в тексте: подразумевается /1/* рядом с /0/* (change-implied)
warning-not-ranged = Адрес только один: все платежи будут видны как один и тот же (not-ranged)
warning-not-sane = Не каждый способ потратить надёжен: его могут исказить по пути или он невозможен (not-sane)
