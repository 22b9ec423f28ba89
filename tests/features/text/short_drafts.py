"""Short drafts as people type them, often without diacritics; written for these tests."""

POLISH = """
Ala ma kota.
Kawa gotowa!
Nowy wpis na blogu
Promocja trwa do piątku
Wracamy po przerwie
Kto idzie?
Super sprawa
Mamy to!
Dzień dobry
Dzien dobry Krakow!
Pada deszcz
Ale upał
Zimowa wyprzedaż
Rabat 20%
Wolne miejsca w sobotę
Zapisy ruszyły
Ostatnie bilety
Koncert odwołany
Zmiana godzin otwarcia
Jutro zamknięte
Dostawa gratis
Kierowca poszukiwany
Pierwszy śnieg w Zakopanem
Kocham Warszawę
Psy w biurze
Serwis rowerowy otwarty
Obiad domowy 25 zł
Pizza z pieca
Swieze paczki od rana
Ruszamy z remontem
Nasza ekipa rośnie
Witamy na pokładzie, Olu
Gratulacje dla zespołu
Wielki finał
Gramy dalej
Remis w Gdyni
Trzy punkty zostają w domu
Awaria usunięta
Prąd wróci o 18
Uwaga na oszustów
Nie daj się nabrać
Sprawdź swój termin
Wygraj bilety do kina
Odpowiedz w komentarzu
Zgadnij miasto
Jaka to melodia?
Który kolor wolisz?
Weekend w górach
Morze spokojne, plaża pusta
Rower czy samochód?
Poranek nad jeziorem
Mama miała rację
Babcia ma urodziny
Kot na dachu
Zupa dnia: ogórkowa
Tort bezowy na zamówienie
Warsztaty ceramiki
Czytamy dzieciom
Biblioteka dziala do 19
Dobranoc
""".strip().splitlines()

ENGLISH = """
Coffee is ready!
New blog post
Sale ends Friday
We are back
Who is coming?
Great stuff
We did it!
Good morning
Good morning London!
It is raining
What a heatwave
Winter clearance
20% off
Seats left on Saturday
Registration is open
Last tickets
Concert cancelled
New opening hours
Closed tomorrow
Free delivery
Driver wanted
First snow in Boston
I love Chicago
Dogs in the office
Bike service open
Home cooking, ten dollars
Wood-fired pizza
Fresh donuts since six
Renovation starts
Our team is growing
Welcome aboard, Emma
Congrats to the crew
Grand final
Game on
A draw in Leeds
Three points stay home
Outage fixed
Power back at 6
Beware of scams
Do not fall for it
Check your date
Win cinema tickets
Answer in the comments
Guess the city
Name that tune
Which colour is yours?
Weekend in the mountains
Calm sea, empty beach
Bike or car?
Morning by the lake
Mum was right
Grandma turns eighty
Cat on the roof
Soup of the day: tomato
Custom meringue cakes
Pottery workshop
Story time for kids
Library open until 7
Good night
Monday mood
""".strip().splitlines()
