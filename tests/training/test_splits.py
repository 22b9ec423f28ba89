import numpy as np
import pytest

from training.splits import TAUGHT_SHARE, group_folds, taught, text_key, vault

HELD_OF_FORTY = ["account-14", "account-33", "account-37"]
KEYS = [f"account-{i}" for i in range(5000)]


def test_vault_is_the_same_whatever_the_order() -> None:
    assert vault(KEYS[::-1])[::-1].tolist() == vault(KEYS).tolist()


def test_vault_holds_out_these_very_keys_for_ever() -> None:
    held = [key for key, inside in zip(KEYS[:40], vault(KEYS[:40]), strict=True) if inside]
    assert held == HELD_OF_FORTY


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_vault_takes_about_the_share(share: float) -> None:
    assert vault(KEYS, share).mean() == pytest.approx(share, abs=0.02)


def test_a_larger_vault_keeps_the_smaller_one() -> None:
    assert not (vault(KEYS, 0.1) & ~vault(KEYS, 0.2)).any()


def test_three_groups_in_four_teach_an_encoder_in_the_vault_and_out_of_it() -> None:
    inside = vault(KEYS, 0.2)
    for part in (inside, ~inside):
        assert taught(KEYS)[part].mean() == pytest.approx(TAUGHT_SHARE, abs=0.05)
    assert (taught(KEYS) == taught(list(KEYS))).all()


def test_group_folds_are_even_and_keep_keys_together() -> None:
    folds = group_folds(KEYS + KEYS, seed=3, folds=5)
    assert (folds[:5000] == folds[5000:]).all()
    assert np.bincount(folds).min() > 0.9 * 2000


def test_text_key_ignores_case_width_and_spacing() -> None:
    assert text_key("Ｃo  za\nDZIEŃ!") == text_key("co za dzień!")


def test_lone_surrogates_have_a_key() -> None:
    assert vault(["\ud83d"]).shape == (1,)
