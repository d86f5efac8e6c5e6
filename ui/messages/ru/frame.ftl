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
nav-propose = Заплатить
nav-transactions = Транзакции
nav-coins = Монеты
nav-addresses = Адреса
nav-policy = Правила
nav-record = Журнал
nav-board = Создание

status-line = Соединения
status-network = Сеть: regtest, учебные деньги
status-tor-off = Tor: выключен; доступен только этот компьютер
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
