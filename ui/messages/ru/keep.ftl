# Журнал.

record-title = Журнал
record-lead = Всё, что сделал каждый участник, с подписью того, кто это сделал. Ничего не меняется и не вычёркивается.
record-judging = Цел ли он?
record-verify = Проверить журнал
record-verifying = Проверяю каждую подпись и цепочку …
record-export-lines = Записать строками JSON
record-export-table = Записать таблицей (CSV)
record-filters = Что показано
record-by = Кто
record-by-all = все
record-kind = Что
record-kind-all = всё
record-void = Только то, что не имеет силы
record-loading = Читаю журнал …
record-none = В журнале ничего такого нет.
record-when = Когда
record-who = Кто
record-what = Что
record-more = Показать более ранние
record-without-effect = без силы
record-event = Событие
record-whole = { $events ->
    [one] Журнал цел: { $events } событие.
    [few] Журнал цел: { $events } события.
   *[other] Журнал цел: { $events } событий.
}
record-whole-means = Каждое событие подписано своим автором, ни одно не пропало и не изменено, а все вместе дают то состояние, которое показано. Журнал, обрезанный с конца, тоже выглядит целым: сравните последние события с другими участниками.
record-whole-facts = Последние события для сравнения
record-state = Состояние
record-authored = { $events ->
    [one] { $events } событие, последнее
    [few] { $events } события, последнее
   *[other] { $events } событий, последнее
}
record-faulty = В журнале ошибка на месте { $line }.
record-faulty-means = Ничего не изменено. Не подписывайте ничего в этой программе, пока не узнаете причину, и сравните журнал с журналом другого участника.

saying-unknown = Нечто неизвестное этой программе: «{ $kind }»
saying-malformed = Нечто, что не является действием
saying-created = Создано хранилище «{ $name }»: подписей на платёж { $threshold }; места: { $places }
saying-place = { $count } × { $role }
saying-joined = Вступление под именем «{ $name }»
saying-joined-as = Вступление под именем «{ $name }»: { $roles }
saying-configuration = Предложена конфигурация { $cfg }
saying-configuration-of = Предложена конфигурация: подписей на платёж { $threshold }, одобрений { $approvals }; участники: { $members } ({ $cfg })
saying-ratified = Утверждена конфигурация { $cfg }
saying-address-issued = Выдан адрес для поступлений { $address } (номер { $index })
saying-address-attested = Выведен тот же адрес для поступлений { $address } (номер { $index })
saying-proposed = Предложен платёж: { $payment }
saying-proposed-instead = Предложен платёж: { $payment }; вместо: { $old }
saying-self-test-proposed = Предложена проверка, которую подписывает каждый держатель ключа: { $payment }
saying-approved = Одобрено: { $payment }
saying-rejected = Отклонено: { $payment }
saying-signed = { $signatures ->
    [one] Подписано: { $payment } ({ $signatures } подпись)
    [few] Подписано: { $payment } ({ $signatures } подписи)
   *[other] Подписано: { $payment } ({ $signatures } подписей)
}
saying-finalised = Подписи собраны: { $payment }
saying-broadcast = Отправлено в сеть: { $payment }
saying-confirmed = Замечено в блоке { $height }: { $payment }
saying-place-opened = Открыто место для участника: { $role }
saying-place-opened-for = Открыто место для новой личности участника { $name }
saying-identity-replaced = Доказано владение ключом участника { $name }
saying-voted = Голос за конфигурацию { $cfg }
saying-vote-released = Голос за конфигурацию { $cfg } отозван
saying-frozen = Хранилище заморожено: «{ $reason }»
saying-freeze-released = { $freezes ->
    [one] Голос за снятие { $freezes } заморозки
    [few] Голос за снятие { $freezes } заморозок
   *[other] Голос за снятие { $freezes } заморозок
}
saying-challenged = Держателям ключей предложено подписать число { $nonce }
saying-key-proven = Доказано владение своим ключом, чисел: { $nonces }
saying-key-claimed = Заявлено владение своим ключом, чисел: { $nonces }
saying-payment = платёж на { $amount } ({ $txid })
saying-payment-unknown = платёж, которого здесь нет ({ $proposal })
saying-output = { $amount } на { $to }
saying-outputs-more = и ещё { $more }
saying-fee = комиссия { $fee }
saying-purpose = «{ $purpose }»

kind-created = Хранилище создано
kind-joined = Вступление участника
kind-challenged = Запрос доказательства ключей
kind-key-proven = Ключ доказан
kind-configuration-proposed = Предложена конфигурация
kind-ratified = Утверждение
kind-address-issued = Выдан адрес
kind-address-attested = Адрес выведен так же
kind-proposed = Предложен платёж (первая форма)
kind-payment-proposed = Предложен платёж
kind-self-test-proposed = Предложена проверка ключей
kind-approved = Одобрение
kind-rejected = Отказ
kind-signed = Подпись
kind-taproot-signed = Подпись (Taproot)
kind-finalised = Подписи собраны
kind-broadcast = Платёж отправлен
kind-confirmed = Платёж подтверждён
kind-place-opened = Открыто место
kind-identity-replaced = Личность заменена
kind-configuration-voted = Голос
kind-vote-released = Голос отозван
kind-frozen = Заморозка
kind-freeze-released = Голос за снятие заморозки
