"""The outbox: what must be told to people outside, kept as rows until it has been told.

It carries e-mail; webhooks of alerts will stand beside it with rows of their own. A room that has
something to say calls `services.queue` inside the transaction that makes it true.

**What is promised.** A mail whose transaction was committed is sent, whatever dies in between; one
that was rolled back is not. The same key is one mail. What was rendered when it was queued is what
is sent. A broker that is down costs a minute, a mail server that is down costs as long as it is
down, and neither costs the caller an error.

**What cannot be promised** is that a mail is never sent twice: SMTP has no way to ask whether a
message was taken. Where the process, the line or the database dies between the server's "250" and
our note of it, the mail goes out once more, with the same Message-ID and Date, by which mail
programs know it for the same. That is the one message in flight, and no other.

**What does not go this way**: allauth's mails, sign-in codes above all, are sent at once, in the
request. A code is worth nothing a few minutes later, so a queue that may be slow would only make it
arrive when it is too late; and if it fails, the person sees that at once, and trying again is the
button that sends a new code.
"""
