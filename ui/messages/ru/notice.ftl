# Уведомления рабочего стола: коротко, и ничего чужого, кроме названия хранилища.

notice-title = Conclave
notice-title-vault = Conclave: { $vault }
notice-approve = Предложен платёж, он ждёт вашего одобрения.
notice-approve-amount = Предложен платёж на { $amount }, он ждёт вашего одобрения.
notice-sign = Платёж ждёт вашей подписи.
notice-sign-amount = Платёж на { $amount } ждёт вашей подписи.
notice-sent = Платёж отправлен.
notice-sent-amount = Платёж на { $amount } отправлен.
notice-confirmed = Платёж подтверждён.
notice-confirmed-amount = Платёж на { $amount } подтверждён.
notice-deposit = Пришло поступление.
notice-deposit-amount = Пришло поступление на { $amount }.
notice-frozen = Все платежи заморожены.
notice-vote = Изменение хранилища ждёт вашего голоса.
notice-compare = Двенадцать слов ждут сверки с другими участниками.
notice-something = Что-то произошло. Откройте Conclave, чтобы увидеть.
notice-something-amount = Что-то произошло, сумма { $amount }. Откройте Conclave, чтобы увидеть.
notice-many = { $count ->
    [one] Произошло { $count } событие. Откройте Conclave, чтобы увидеть его.
    [few] Произошло { $count } события. Откройте Conclave, чтобы увидеть их.
   *[other] Произошло { $count } событий. Откройте Conclave, чтобы увидеть их.
}
