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

_NOUNS_TOO = _words("share retweet repost reblog tag rt")
_PLEA = re.compile(
    rf"{SHARE_CALL_PHRASES.pattern}|\b(?:{'|'.join(sorted(SHARE_CALLS - _NOUNS_TOO))})\b"
    rf"|\b(?P<noun>{'|'.join(sorted(_NOUNS_TOO))})\b(?![-/'])"
)
_REACH = 40
"""As many characters before a noun tell whether a sentence begins with it."""

_BEGGED = re.compile(r"\b(?:please|pls|plz|kindly)\s+\Z")
_BEGS = re.compile(r"\s+(?:please|pls|plz|por favor|svp|prosze)\b")
_EMOJI = "\u2190-\u2bff\U0001f000-\U0010ffff"
_BEGINS = re.compile(
    rf"(?:\A\W*|\n\s*|[.!?…:][\"”»)]?\s+|[{_EMOJI}]\ufe0f?\s*"
    r"|(?:[#@]|://)\S+\s+"
    r"|\b(?:help|just|everyone|must|should|rt|retweet)\s+"
    r"|\b(?:like|follow|comment|rt|retweet)\s+(?:and|&)\s+)\Z"
)
_OBJECTS = _phrases(
    """
    this
    it
    if
    now
    widely
    everywhere
    the word
    the news
    the love
    for a
    to win
    to help
    to spread
    to enter
    to support
    with your
    with friends
    with everyone
    with someone
    with anyone
    with others
    like
    comment
    follow
    tag
    spread
    tell
    rt
    retweet
    share
    """
)
_ASKS_TO_SHARE = re.compile(
    rf"[ \t]*(?:\Z|[.!?…]+(?:\s|\Z)|[\r\n#{_EMOJI}]|https?:)"
    rf"|\s+(?:(?:and|&)\s+)?{_OBJECTS.pattern}"
)
_ASKS_TO_TAG = re.compile(
    r"\s+(?:an?|your|ur|some\w+|every\w+|who\w*|friends?|us|me|them|the|all|\d+|two|three|five)\b"
)


def share_pleas(text: str) -> list[tuple[int, int]]:
    """Return where a text asks to be passed on, as (start, end), in order.

    “Share”, “tag”, “RT” and the like are nouns as well: they count after a “please”, alone in their
    sentence, or where a sentence begins with them and says what to do (“share this”, “RT if”).
    """
    folded = fold(text)
    if len(folded) != len(text):  # a letter that lower case makes two of
        return []
    found = _PLEA.finditer(folded)
    return [plea.span() for plea in found if plea["noun"] is None or _asks(folded, plea)]


def _asks(folded: str, noun: re.Match[str]) -> bool:
    start, end = noun.span()
    before = max(0, start - _REACH), start
    if _BEGGED.search(folded, *before) or _BEGS.match(folded, end):
        return True
    asked = _ASKS_TO_TAG if noun[0] == "tag" else _ASKS_TO_SHARE
    return bool(asked.match(folded, end) and _BEGINS.search(folded, *before))


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
