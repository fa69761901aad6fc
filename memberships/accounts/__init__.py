"""Who a reader is: the account, its e-mail, its sign-in."""
