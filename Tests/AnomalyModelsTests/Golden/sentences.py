"""200 short English sentences: 140 about inspection, from templates, and 60 about everyday life."""

NOUNS = [
    "casting", "magnetic tile", "printed circuit board", "glass bottle", "leather strip", "metal nut",
    "zipper", "ceramic plate", "steel wire", "plastic cap", "wooden panel", "rubber seal", "pill", "bearing",
]
DEFECTS = [
    "a deep scratch", "a hairline crack", "a missing corner", "an oil stain", "a small dent",
    "rust spots", "an air bubble", "a bent edge", "a loose thread", "a burn mark",
]
TEMPLATES = [
    "A {noun} with {defect}.",
    "The camera found {defect} on the {noun}.",
    "We rejected the {noun} because of {defect}.",
    "Is there {defect} on this {noun}?",
    "The {noun} is free of defects.",
    "A photo of a flawless {noun}.",
    "Please place the {noun} under the lamp.",
    "How many units of the {noun} did we make today?",
    "The {noun} shows {defect} near its centre.",
    "Repair {defect} before the {noun} is shipped.",
]
EVERYDAY = """\
The cat sleeps on the warm window sill.
My daughter learned to ride a bicycle.
It will rain in the mountains tomorrow.
She plays the violin in an orchestra.
We had soup and fresh bread for dinner.
The train to Hamburg is twenty minutes late.
He forgot his umbrella in the office.
A dog chased the ball across the beach.
The library closes at eight o'clock.
They painted the kitchen yellow.
I would like two tickets for the evening show.
The river flooded the meadow after the storm.
Her grandmother grows tomatoes and beans.
The football match ended in a draw.
Can you lend me ten dollars until Friday?
The astronaut looked down at the blue planet.
Our neighbour bought an electric car.
Bees collect nectar from the apple blossoms.
The teacher explained fractions with a cake.
Snow covered the roofs of the village.
He reads the newspaper every morning.
The doctor told me to drink more water.
A ship left the harbour before sunrise.
The baby laughed at the funny hat.
Many people speak more than one language.
The museum shows paintings from Italy.
My phone battery is almost empty.
The bakery sells the best croissants in town.
She wrote a letter to her old friend.
The children built a castle out of sand.
A strong wind blew the leaves away.
He fixed the leaking tap in the bathroom.
The concert was sold out within an hour.
We walked through the forest until dusk.
The farmer milks the cows at five.
Interest rates rose again this month.
The judge postponed the trial.
An owl hooted in the dark garden.
I dreamed of flying over the sea.
The waiter brought the wrong order.
Scientists discovered a new kind of frog.
The elevator stops on every floor.
He won a medal in the swimming contest.
The cheese smells terrible but tastes good.
Our flight was cancelled because of fog.
She teaches mathematics at the university.
The clock in the tower struck midnight.
They planted an oak tree in the park.
Turn left at the traffic lights.
The film made everyone cry.
My brother collects old coins and stamps.
A rainbow appeared above the valley.
The mayor opened the new bridge.
He drinks his coffee without sugar.
The computer needs to be restarted.
Wolves hunt together in packs.
The tailor shortened my trousers.
Please turn down the music.
The desert is cold at night.
She found a four-leaf clover.
"""

SENTENCES = [
    template.format(noun=noun, defect=DEFECTS[(3 * row + column) % len(DEFECTS)])
    for row, noun in enumerate(NOUNS)
    for column, template in enumerate(TEMPLATES)
] + EVERYDAY.splitlines()
