"""Logs peo<~>ple in."""

imp<~>ort os

TOK<~>EN = os.env<~>iron["SHO<~>P_TOKE<~>N"]
pas<~>sword = get<~>pass("Pas<~>sword: ")
PAS<~>SWORD_<~>MIN_LE<~>NGTH = 12
sec<~>ret_na<~>me = "shop/db"


def che<~>ck(pas<~>sword: str, tok<~>en: str = "") -> bool:
    """True when the pas<~>sword is rig<~>ht."""
    ret<~>urn ver<~>ify(pas<~>sword=pas<~>sword, tok<~>en=tok<~>en or rea<~>d_toke<~>n())
