import pytest

from features.schema import Post
from features.text.language import detect
from models.grounds import Spoken, refuse_language
from models.spoken import speak

SPOKEN = {"pl", "en"}
POLISH = (
    "Ala ma kota.",
    "Ala ma kota. Ala ma kota. Ala ma kota. Ala ma kota.",
    "Ala ma kota a Ola ma psa, a Tola ma rybki i nikomu nic do tego",
    "Kawa i ciastko",
    "Kawa, ciastko, spokoj",
    "Lato w miescie 🌞🌞",
    "Rower, las, cisza",
    "Mama tata i ja",
    "Motyla noga!",
    "Ola i Ania na rowerach",
    "Pada pada pada deszcz",
    "Sobota rano. Kawa. Ksiazka. Cisza.",
    "Barcelona - Real 3:1, Lewandowski bohater",
    "Zara Home Ikea Allegro Zalando - wielki ranking",
    "Panna cotta, tiramisu, gelato - deser w Trattoria Roma na Pradze",
    "Sushi ramen teriyaki - Warszawa, Mokotow",
    "Super promocja w Zara i Nike #moda #styl",
    "Jutro premiera! #premiera #film #kino",
    "Samsung Galaxy S24 w super cenie",
    "Nowa kolekcja juz w sklepie https://example.com/nuevo",
    "Tata kupil nowa kosiarke",
    "Sałatka, zupa, pierogi 😍😍",
    "Żółw Zenek melduje się na stanowisku",
    "Góry, góry i jeszcze raz góry",
    "Bonjour! Lekcje francuskiego w Gdansku",
    "IDZIE ZIMA, IDZIE ZIMA, IDZIE ZIMA",
)
ENGLISH = (
    "New drop tonight",
    "Cats cats cats",
    "Pizza pasta vino",
    "Big sale at Zara and Ikea",
    "Coffee. Book. Rain.",
    "Taco Tuesday, amigos! 🌮",
    "Samsung Galaxy S24 Ultra unboxing",
    "Vintage denim jackets restock",
    "Goal! Messi! Barcelona 3-1 Madrid",
    "Sunset in Bali 🌅🌅",
    "Summer vibes only #summer #vibes #beach",
    "Sushi & ramen night",
    "Merci Paris, hello Berlin",
    "Cristiano Ronaldo hat trick",
    "Autumn menu: ravioli, risotto, tiramisu",
    "Nasi goreng recipe on the blog",
    "Ed Sheeran - Wembley - June",
    "Hola Mexico! Tour dates soon",
    "Gelato o'clock",
    "Fresh sourdough, salted butter",
    "omg obsessed 🤯🤯",
    "Namaste yoga retreat Goa",
    "Kimchi tacos, bao buns, margaritas",
    "Coldplay Adele Beyonce Drake Rihanna playlist",
    "Sarah has a cat. Sarah has a cat.",
)
FOREIGN = {
    "ar": "مرحبا بكم في متجرنا الجديد في وسط المدينة",
    "ja": "今日は新しいお店をオープンします",
    "zh": "我们今天开了一家新店，欢迎大家",
    "ko": "오늘 새로운 가게를 엽니다",
    "uk": "Сьогодні ми відкриваємо новий магазин у центрі міста",
    "he": "שלום לכולם, מה שלומכם היום",
    "hi": "आज हम अपनी नई दुकान खोल रहे हैं",
    "th": "วันนี้เราเปิดร้านใหม่",
    "de": "Guten Morgen, wir freuen uns sehr auf Sie und Ihre ganze Familie",
    "es": "Muchas gracias a todos por venir a nuestra fiesta de ayer",
    "cs": "Dnes otevíráme nový obchod v centru města, přijďte",
    "fr": "Nous ouvrons aujourd'hui notre nouvelle boutique au centre-ville",
}


def spoken(text: str) -> Spoken:
    return speak([Post(text)])[0]


@pytest.mark.parametrize("text", [*POLISH, *ENGLISH])
def test_short_polish_and_english_drafts_are_never_refused(text: str) -> None:
    assert refuse_language(spoken(text), SPOKEN) is None


@pytest.mark.parametrize("code", FOREIGN)
def test_a_language_not_learnt_is_refused(code: str) -> None:
    refusal = refuse_language(spoken(FOREIGN[code]), SPOKEN)
    assert refusal is not None
    assert f"{code!r}" in refusal.message


def test_a_given_language_is_refused_however_short_the_text() -> None:
    given = speak([Post("Ala ma kota.", language="id")])[0]
    assert refuse_language(given, SPOKEN) is not None
    assert refuse_language(given, {*SPOKEN, "id"}) is None


def test_saying_it_again_makes_no_refusal() -> None:
    text = "Cristiano Ronaldo hat trick " * 20
    guess = detect([text])[0]
    assert guess.code not in SPOKEN
    assert not Spoken.detected(text, guess).certain
