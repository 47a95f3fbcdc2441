"""The checker that the tests hold signatures with: beartype, for which a whole number is a number too (PEP 484)."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
