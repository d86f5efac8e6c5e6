# Рамка вокруг каждой страницы, разблокировка, список хранилищ, настройки.

opening = Conclave открывается…
opening-kept = Ничего не открыто и ничего не потеряно.

frame-skip = Перейти к странице
frame-vaults = Хранилища
frame-all-vaults = Все хранилища
frame-add-vault = Добавить хранилище
frame-back = Назад (Alt+Стрелка влево)
lock-now = Заблокировать

nav-overview = Обзор
nav-receive = Получить
nav-payments = Платежи
nav-transactions = Транзакции
nav-coins = Монеты
nav-addresses = Адреса
nav-policy = Правила
nav-record = Журнал
nav-board = Создание

status-line = Соединения
status-network = Сеть: regtest, учебные деньги
status-tip = Блок { $height }
status-tip-age = Блок { $height }, { $age }
status-members = За сутки видели других участников: { $seen } из { $all }
status-trouble = Доступно не всё

unlock-title = Conclave заблокирован
unlock-auto-locked = Он заблокировался сам, потому что им какое-то время не пользовались.
unlock = Разблокировать
unlock-busy = Разблокируется…
unlock-wrong-count = { $count ->
    [one] { $count } неверная парольная фраза с последнего открытия.
    [few] { $count } неверные парольные фразы с последнего открытия.
    [many] { $count } неверных парольных фраз с последнего открытия.
   *[other] { $count } неверной парольной фразы с последнего открытия.
}
unlock-forgotten = Забытую парольную фразу никто не может сбросить. Со словами вашего ключа вы можете снова вступить в свои хранилища на новой установке.

vaults-title = Хранилища
vaults-loading = Хранилища читаются…
vaults-none = Здесь ещё нет ни одного хранилища. С чего вы хотите начать?
vaults-total = Вместе
vaults-ring = { $threshold } из { $keyholders }
vaults-heard = другие на связи
vaults-frozen = Заморожено: платить нельзя
vaults-unopened = Хранилище { $vault } не удалось открыть
vaults-unopened-kept = В нём ничего не изменено, другие хранилища не затронуты.
vault-gone-title = Здесь этого нет
vault-gone = Этого хранилища нет в этой установке.
wait-ratify = Сравните слова с остальными и ратифицируйте
wait-approve = Одобрите или отклоните «{ $purpose }»
wait-sign = Подпишите «{ $purpose }»
wait-vote = Проголосуйте о предложенном изменении

settings-title = Настройки
settings-lead = Они хранятся на этом компьютере, и каждое изменение действует сразу.
settings-kept = Настройки остались прежними.
settings-version = Conclave, версия

settings-looks = Язык и вид
settings-language = Язык
settings-language-system = Как в системе
settings-theme = Цвета
settings-theme-system = Как в системе
settings-theme-light = Светлые
settings-theme-dark = Тёмные
settings-unit = Суммы
settings-unit-btc = В биткойнах ({ $sign })
settings-unit-sat = В сатоши ({ $sign })

settings-safety = Блокировка и парольная фраза
settings-auto-lock = Блокироваться самому через
settings-auto-lock-hint = Считается с последнего действия в окне.
settings-auto-lock-never = Никогда
settings-passphrase = Сменить парольную фразу
settings-passphrase-current = Прежняя парольная фраза
settings-passphrase-new = Новая парольная фраза
settings-passphrase-backups = Резервные копии, записанные раньше, открываются прежней парольной фразой.
settings-passphrase-change = Сменить парольную фразу
settings-passphrase-busy = Парольная фраза меняется…
settings-passphrase-changed = Парольная фраза изменена.

settings-notify = Уведомления
settings-notify-on = Показывать уведомления рабочего стола
settings-notify-on-hint = Их может прочитать любой, кто смотрит на экран, даже когда Conclave в фоне.
settings-notify-what = В них называть
settings-notify-kind = что от вас требуется: одобрить, подписать, ратифицировать
settings-notify-amount = сумму
settings-notify-vault = хранилище

settings-network = Сеть
settings-network-name = Сеть биткойна
settings-network-regtest = Regtest: учебные деньги. Других сетей эта версия не открывает.
settings-tor-explained = Всё за пределами этого компьютера идёт через Tor внутри программы. Пока Tor не подключён, ничего не отправляется: всё ждёт здесь.
settings-bridges = Мосты
settings-bridges-hint = Там, где Tor блокируют: по одному мосту в строке, как вы его получили. Пусто — без мостов.
settings-bridges-change = Использовать эти мосты
settings-relays = Релеи
settings-relays-vote = У всех участников одни и те же релеи; меняют их голосованием:
own-relay = Собственный релей
own-relay-hint = Эта программа обслуживает его за onion-адресом, только для участников этого хранилища, пока она открыта и не заперта. Ничей сервер больше не нужен.
own-relay-serve = Обслуживать релей
own-relay-stop = Больше не обслуживать
own-relay-busy = Меняется…
own-relay-begun = Релей обслуживается.
own-relay-stopped = Релей больше не обслуживается.
own-relay-kept = Релей остался прежним.
own-relay-used = Через него идут сообщения участников. Пока он закрыт, они ждут или идут через другие релеи.
own-relay-unused = Через него сообщения ещё не идут: участники должны принять его адрес голосованием.
settings-chain = Источник данных о цепочке
settings-chain-hint = Сервер Electrum по вашему выбору. Он сообщает этой установке, что есть в цепочке, и узнаёт ваши адреса.
settings-chain-change = Использовать этот источник
settings-chain-busy = Источник меняется…
settings-chain-changed = Источник изменён. Монеты ищутся заново.
settings-chain-kept = Источник остался прежним.

settings-files = Файлы
settings-home = Conclave хранит данные в
settings-exports = Папка для выгрузок
settings-exports-hint = Сюда пишутся выгрузки, листы для хранения и резервные копии, каждый раз под новым именем. Оставьте пустым, чтобы брать системную папку загрузок.
settings-exports-change = Использовать эту папку

settings-backup = Резервная копия всего
settings-backup-lead = Один зашифрованный файл со всеми хранилищами, ключами и метками этой установки. Он открывается нынешней парольной фразой.
settings-backup-write = Записать резервную копию
settings-backup-busy = Резервная копия записывается…
settings-backup-kept = Файла не осталось.
settings-backup-done = Резервная копия записана.
settings-backup-after = Храните её на другом компьютере. Восстановленная из неё установка сначала только читает, пока остальные не скажут, что она говорила последним.

settings-keys = Клавиши
settings-key-vault = Перейти к хранилищу
settings-key-vaults = Перейти ко всем хранилищам
settings-key-back = Назад
settings-key-lock = Заблокировать
