"""Cases in which long runs found a verdict changed, before the engine was mended, and the fault."""

from __future__ import annotations

from tests.transformations.cases import Case

REGRESSIONS: dict[str, Case] = {
    "clocks and order of captures without a common flow were those of the first ones": Case(
        "beside", "loss-overcome-phone+publisher", 2725841432
    ),
    "SYN-ACKs that answer and repeat at a time were a mirror's copies": Case(
        "cut", "burst-publisher", 4118887279
    ),
    "of a few packets too": Case("cut", "three-points-router+publisher", 3707967903),
    "an alert behind a FIN that is not captured ended the session": Case(
        "cut", "refused-without-alert-phone", 3355855557
    ),
    "an alert that acknowledges the FIN was before it by the order of records": Case(
        "neighbours-swapped", "closed-in-handshake-phone+publisher", 2830633071
    ),
    "a second recorder's clock made a capture longer": Case(
        "doubled-far", "path-dies-in-key-generation-phone+publisher", 3356688087
    ),
    "and a server silent": Case("doubled-far", "cut-short-publisher", 3238127617),
    "requests alone were no second recorder's": Case(
        "doubled-far", "tftp-answers-filtered-phone+publisher", 183632762
    ),
    "a TFTP acknowledgement that came once more was none where a newer one stood before it": Case(
        "neighbours-swapped", "burst-publisher", 4042409574
    ),
    "segments that others overtook within microseconds were retransmitted": Case(
        "neighbours-swapped", "neighbours-enrol-behind-nat-publisher", 2329453276
    ),
    "a phone that asked for the next file did not go on, where the answer stood behind that": Case(
        "neighbours-swapped", "two-phones-two-captures-one+other", 187061416
    ),
    "places near in time were one router's sides, though it dropped the answers": Case(
        "merged", "three-points-router+publisher", 371245899
    ),
    "so were those of a TFTP server whose answers are filtered": Case(
        "merged", "tftp-answers-filtered-phone+publisher", 2255920116
    ),
    "a phone whose capture may have gone on had attempted nothing, and all was well": Case(
        "merged", "tvs-says-no-phone+publisher", 1759962393
    ),
}
