from types import SimpleNamespace
from typing import cast

from models.verdicts import objections
from models.versions import Loaded
from training.run import rival_name
from training.ship import told_elsewhere


def test_no_number_of_the_registry_that_ships_is_told_elsewhere() -> None:
    rival = rival_name(cast("Loaded", SimpleNamespace(version=SimpleNamespace(number="12"))))
    reason = (
        f"Not clearly better: mean pearson 0.7485 against 0.7502 of {rival} (gain -0.0017, "
        f"interval -0.0052 to +0.0016, on 2767 held-out texts). Fear is worse than {rival}."
    )
    assert objections(told_elsewhere(reason)) == (
        "Not clearly better: -0.0017 mean pearson against the champion before it. "
        "Fear is worse than the champion before it"
    )
