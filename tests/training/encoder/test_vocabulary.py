from collections import Counter

import pytest
from tokenizers import Tokenizer, models

from features.errors import ModelError
from tests.training.small_encoders import SPECIAL, small_tokenizer
from training.encoder.vocabulary import choose_pieces, count_pieces, prune


def pieces_of(tokenizer: Tokenizer, ids: frozenset[int]) -> set[str]:
    return {str(tokenizer.id_to_token(place)) for place in ids}


def word(tokenizer: Tokenizer, text: str) -> int:
    place = tokenizer.token_to_id(f"\u2581{text}")
    assert place is not None
    return place


def test_pieces_are_counted_over_cleaned_texts() -> None:
    tokenizer = small_tokenizer()
    counts = count_pieces(tokenizer, iter(["joy joy", "we   won"]))
    assert counts[word(tokenizer, "joy")] == 2
    assert counts[word(tokenizer, "we")] == 1


def test_special_pieces_and_single_characters_always_stay() -> None:
    tokenizer = small_tokenizer()
    kept = pieces_of(tokenizer, choose_pieces(tokenizer, {}, 0))
    assert {*SPECIAL, "a", "ś", "!"} <= kept
    assert "\u2581joy" not in kept


def test_used_pieces_come_before_probable_ones() -> None:
    tokenizer = small_tokenizer()
    least = len(choose_pieces(tokenizer, {}, 0))
    nie = word(tokenizer, "nie")
    kept = pieces_of(tokenizer, choose_pieces(tokenizer, {"pl": Counter({nie: 3})}, least + 2))
    words = {piece for piece in kept if len(piece) > 2} - set(SPECIAL)
    assert words == {"\u2581nie", "\u2581joy"}


def test_language_with_few_texts_keeps_its_words() -> None:
    tokenizer = small_tokenizer()
    least = len(choose_pieces(tokenizer, {}, 0))
    joy, news, smutek = (word(tokenizer, text) for text in ("joy", "news", "smutek"))
    counts = {"en": Counter({joy: 80_000_000, news: 50}), "pl": Counter({smutek: 40})}
    kept = choose_pieces(tokenizer, counts, least + 2)
    assert smutek in kept
    assert news not in kept


def test_pruned_tokenizer_cuts_lost_words_into_letters() -> None:
    tokenizer = small_tokenizer()
    lost = word(tokenizer, "smutek")
    pruned = prune(tokenizer, frozenset(range(tokenizer.get_vocab_size())) - {lost})
    tokens = pruned.tokenizer.encode("joy smutek").tokens
    assert tokens == ["<s>", "\u2581joy", "\u2581", *"smutek", "</s>"]


def test_pruned_ids_are_rows_of_the_old_table() -> None:
    tokenizer = small_tokenizer()
    lost = word(tokenizer, "smutek")
    pruned = prune(tokenizer, frozenset(range(tokenizer.get_vocab_size())) - {lost})
    text = "we won today , nie !"
    renumbered = [int(pruned.kept[place]) for place in pruned.tokenizer.encode(text).ids]
    assert renumbered == tokenizer.encode(text).ids


def test_vocabulary_of_another_kind_is_refused() -> None:
    tokenizer = Tokenizer(models.WordLevel({"joy": 0}, unk_token="joy"))
    with pytest.raises(ModelError, match="Only a Unigram vocabulary"):
        prune(tokenizer, frozenset({0}))
