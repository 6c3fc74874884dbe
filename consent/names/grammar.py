"""The little English that tells a name from a word: closed classes, and what can only stand beside a person."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PRONOUNS: Final = "i you we they he she it who what that this there these those which everyone everybody someone nobody"
_DETERMINERS: Final = (
    "a an the this that these those our my your his her its their some any every each no both all many several few more most"
    " another other one two three four five six seven eight nine ten of first second third new same such"
)
_AUXILIARIES: Final = "is was are were has had does did can could would should isn't wasn't has hasn't won't"
_PREPOSITIONS: Final = (
    "in on at with by for from to into onto over under behind beside beneath above below near between through across around after"
    " before during against among up down off out along past inside outside towards like without within about as"
)
_CONJUNCTIONS: Final = "and or but nor so yet if then than when while because although until since whether"
_OTHERS: Final = (
    "be been being am do done doing having have not very too also just only even still again always never often how why where"
    " here now me him us them mine yours hers ours theirs myself himself herself itself themselves yourself ourselves whose whom"
    " much less least own quite rather almost already ever once twice well yes oh"
)

PRONOUNS: Final = _words(_PRONOUNS)
DETERMINERS: Final = _words(_DETERMINERS)
AUXILIARIES: Final = _words(_AUXILIARIES.replace("'", ""))
PREPOSITIONS: Final = _words(_PREPOSITIONS)
CONJUNCTIONS: Final = _words(_CONJUNCTIONS)
FUNCTION_WORDS: Final = (PRONOUNS | DETERMINERS | AUXILIARIES | PREPOSITIONS | CONJUNCTIONS | _words(_OTHERS)) - {"won"}
"""Words of every text. None of them is a name on its own, whoever is on the register."""

GLUE: Final = _words("and or the a an with at in on of for by to my our is as from it i")
"""Of those, the ones that stand beside names all the time and belong to none."""
PERSON_COMES: Final = _words(
    "by done birthday called named meet meets met hello hi dear thank thanks congratulations mr mrs miss"
    " ms mx dr sir lady lord dame master"
    " madam uncle aunt auntie aunty grandma grandpa granny grandad nanny nana nan cousin brother sister friend buddy starring"
)
"""After these comes a person."""
PERSON_MAY_COME: Final = frozenset({"with", "for", "by", "helped", "help", "helping"})
"""After these may come a person, or a thing: "a cake for june", "decorated with holly"."""
TITLES: Final = _words(
    "mr mrs miss ms mx dr sir dame madam uncle aunt auntie aunty grandma grandpa granny grandad nanny nana nan gran grandmother"
)
"""After these a capital is a name, whatever the word."""
PARTICLES: Final = _words(
    "de la van der den von el al ben ibn bin bint da do dos das du le di del della ap ab ferch mac mc o"
    " san st ter ten te af av zu na"
)
"""Small words inside family names."""
MONTHS: Final = _words("january february march april may june july august september october november december")
IN_TIME: Final = _words("in early late mid last next this every since until during")
WHERE: Final = _words("in near around across visit visits visited visiting explore exploring")
WAYS: Final = _words("to from of at")
JOURNEYS: Final = _words(
    "trip trips visit visits journey journeys postcard postcards train flight coach walk map city fire streets tower bridge"
)
MODALS: Final = frozenset({"will", "may"})
UNITS: Final = _words("st nd rd th am pm d cm mm m km kg g mg l ml p k x s v a b c yr yrs mins hrs")
"""What may be written straight after a number."""
LABELS: Final = _words("y p x v t n k")
"""Single letters before a number: y6, p2."""
LETTERS_FOLLOW: Final = _words("plan vitamin year class letter letters group set room block team type key grade band step form")
"""After these a single letter is no initial."""
ROMAN: Final = _words("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv")
ENDINGS: Final = frozenset({"s", "t", "ll", "re", "ve", "d", "m", "em", "clock"})
"""What may follow an apostrophe."""
SHAPES: Final = _words("tshirt xray ubend eturn uturn email")
"""Words that begin with a letter and a hyphen: T-shirt, X-rays."""
