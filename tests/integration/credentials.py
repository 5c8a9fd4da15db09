"""Credentials that look real and are not, made anew in each run: nothing token-shaped stands in this file."""

import random
import string
import zlib

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM = random.SystemRandom()


def letters(length, alphabet=ALPHABET):
    """Random characters with two digits among them."""
    while True:
        text = "".join(RANDOM.choice(alphabet) for _ in range(length))
        if sum(character.isdigit() for character in text) >= 2:
            return text


def github():
    """A classic GitHub token: thirty characters and their CRC-32 in base 62."""
    body = letters(30)
    rest, check = zlib.crc32(body.encode("ascii")), ""
    while rest:
        rest, digit = divmod(rest, 62)
        check = ALPHABET[digit] + check
    return "gh" + "p_" + body + check.rjust(6, "0")


def stripe():
    """A live secret key of Stripe."""
    return "sk" + "_live_" + "51" + letters(97)


def slack_webhook():
    """An incoming webhook of Slack."""
    upper = string.ascii_uppercase + string.digits
    return f"https://hooks.slack.com/services/T0{letters(9, upper)}/B0{letters(9, upper)}/{letters(24)}"


def phrase():
    """What a person would take for a good password."""
    return letters(20)


def database_url(word):
    """A connection string with that word in it."""
    return "postgres" + f"://shop:{word}@db.shop.internal:5432/orders"
