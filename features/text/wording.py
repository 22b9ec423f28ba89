"""Words that ask or address, Polish and English, folded to ASCII: most drafts lack diacritics."""

import re

_FOLD = str.maketrans("ąćęłńóśźż’", "acelnoszz'")


def fold(text: str) -> str:
    """Lower case, without Polish diacritics and with straight apostrophes."""
    lowered = text.lower()
    return lowered if lowered.isascii() else lowered.translate(_FOLD)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> re.Pattern[str]:
    lines = [line.strip() for line in text.strip().splitlines()]
    return re.compile(r"\b(?:" + "|".join(map(re.escape, lines)) + r")\b")


SHARE_CALLS = _words(
    "share retweet repost reblog udostepnij udostepnijcie udostepniaj udostepniajcie "
    "udostepniamy przeslij przeslijcie oznacz oznaczcie tag"
)
SHARE_CALL_PHRASES = _phrases(
    """
    rt if
    please rt
    pls rt
    rt to
    pass it on
    spread the word
    tell your friends
    send this to
    podaj dalej
    podajcie dalej
    podajmy dalej
    wyslij znajomym
    powiedz znajomym
    niech sie niesie
    """
)

_PLEA = re.compile(
    SHARE_CALL_PHRASES.pattern + r"|\b(?:rt|" + "|".join(sorted(SHARE_CALLS)) + r")\b"
)


def share_pleas(text: str) -> list[tuple[int, int]]:
    """Return where a text asks to be passed on, as (start, end), in order."""
    folded = fold(text)
    if len(folded) != len(text):  # a letter that lower case makes two of
        return []
    return [found.span() for found in _PLEA.finditer(folded)]


CALLS = SHARE_CALLS | _words(
    "click subscribe follow join register download buy shop order visit watch vote donate "
    "comment swipe dm book "
    "kliknij klikaj klikajcie subskrybuj subskrybujcie obserwuj obserwujcie dolacz dolaczcie "
    "zarejestruj zarejestrujcie pobierz pobierzcie kup kupcie zamow zamowcie odwiedz odwiedzcie "
    "obejrzyj obejrzyjcie ogladaj ogladajcie glosuj glosujcie zaglosuj zaglosujcie wesprzyj "
    "wesprzyjcie wspieraj wspierajcie skomentuj skomentujcie komentujcie napisz napiszcie piszcie "
    "sprawdz sprawdzcie zobacz zobaczcie czytaj czytajcie przeczytaj przeczytajcie polub "
    "polubcie zapisz zapiszcie wpadnij wpadnijcie wpadajcie odbierz wygraj zapraszam zapraszamy "
    "rezerwuj rezerwujcie zarezerwuj wybierz wybierzcie"
)
CALL_PHRASES = _phrases(
    """
    link in bio
    sign up
    learn more
    read more
    find out
    check out
    check it out
    let us know
    let me know
    tell us
    don't miss
    get yours
    save this
    tune in
    link w bio
    dowiedz sie
    dowiedzcie sie
    daj znac
    dajcie znac
    daj nam znac
    dajcie nam znac
    nie przegap
    nie przegapcie
    wez udzial
    wezcie udzial
    co myslisz
    co myslicie
    co sadzicie
    a wy
    """
)

FIRST_SINGULAR = _words(
    "me my mine myself i'm i've i'll i'd "
    "ja mnie mna moj moja moje moi moich moim mojej mojego mojemu jestem mam chce kocham lubie"
)
"""Without “I”, which folds to the Polish “and”: `surface` counts it by its capital."""

FIRST_PLURAL = _words(
    "we us our ours ourselves we're we've we'll let's "
    "nas nam nami nasz nasza nasze naszych naszym naszej naszego naszemu nasi "
    "jestesmy mamy chcemy mozemy zapraszamy dziekujemy kochamy polecamy robimy idziemy"
)
SECOND = _words(
    "you your yours yourself ur you're you've you'll y'all "
    "ty ciebie cie tobie toba twoj twoja twoje twoich twoim twojej twojego jestes masz chcesz "
    "mozesz wy wam wami wasz wasza wasze waszych waszym waszej waszego jestescie macie "
    "chcecie mozecie"
)
"""Without the Polish “was”, which is far more often the English one."""
