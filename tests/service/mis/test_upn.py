"""The check letter of a UPN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.mis.upn import check_letter, is_checked, is_upn_shaped

bodies = st.from_regex(r"[0-9]{11}[0-9A-HJ-NP-RT-Z]", fullmatch=True)


@pytest.mark.parametrize("upn", ["H801200001001", "B801200005001", "P207000016049", "F99929992401A"])
def test_a_upn_known_to_be_good_is_checked(upn: str) -> None:
    assert is_upn_shaped(upn)
    assert is_checked(upn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H80120000100",
        "H8012000010011",
        "I801200001001",
        "O801200001001",
        "S801200001001",
        "8801200001001",
        "H80120000100I",
        "H8012000010O1",
        "h801200001001",
        "H80120000100\u0661",
        "H801200001001\n",
    ],
)
def test_what_is_not_a_letter_and_twelve_figures_is_not_shaped_like_a_upn(text: str) -> None:
    assert not is_upn_shaped(text)


@given(bodies, st.integers(0, 11), st.integers(1, 9))
def test_no_single_mistyped_figure_goes_unnoticed(body: str, place: int, shift: int) -> None:
    if not body[place].isdigit():
        return
    mistyped = body[:place] + str((int(body[place]) + shift) % 10) + body[place + 1 :]
    assert check_letter(mistyped) != check_letter(body)


@given(bodies, st.integers(0, 10))
def test_no_two_swapped_neighbours_go_unnoticed(body: str, place: int) -> None:
    left, right = body[place], body[place + 1]
    swapped = body[:place] + right + left + body[place + 2 :]
    assert left == right or not is_upn_shaped("A" + swapped) or check_letter(swapped) != check_letter(body)
