"""Set<~>tings of the mai<~>ler."""

imp<~>ort os

REG<~>ION = os.env<~>iron.get("REG<~>ION", "eu")
GRÖSSE, STR<~>ASSE = "groß", "König<~>straße"; ALE<~>RTS = "htt<~>ps://hoo<~>ks.sla<~>ck.com/ser<~>vices/T08<~>O26QBH<~>3C/B0U<~>4Q28JS<~>LM/1nP<~>ot4nMo<~>Tz1Wvw<~>jE0Qs8<~>8Yu"
mai<~>l_pass<~>word = "uty<~>xcSeP2<~>r5CL5m<~>k"


def con<~>nect(host: str) -> str:
    """Ope<~>ns the mai<~>lbox at `host`."""
    ret<~>urn f"ima<~>ps://{host}:993"
