"""A picture being drawn, in places and sizes that do not depend on how many pixels it has."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageOps

Colour = str
Size = tuple[int, int]
"""Width and height in pixels."""


class Canvas:
    """A picture being drawn. Places and sizes are shares of its width and height, 0 to 1."""

    def __init__(self, size: Size) -> None:
        self.image = Image.new("RGB", size)
        self._draw = ImageDraw.Draw(self.image)
        self.width, self.height = size

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
        """The same box in pixels."""
        return round(left * self.width), round(top * self.height), round(right * self.width), round(bottom * self.height)

    def wash(self, top: Colour, bottom: Colour, start: float, end: float) -> None:
        """A band that fades from one colour to another."""
        left, upper, right, lower = self.box(0, start, 1, end)
        shade = Image.linear_gradient("L").crop((0, 0, 1, 256)).resize((1, lower - upper))
        column = ImageOps.colorize(shade, black=top, white=bottom)
        self.image.paste(column.resize((right - left, lower - upper), Image.Resampling.NEAREST), (left, upper))

    def rectangle(self, left: float, top: float, right: float, bottom: float, fill: Colour, *, radius: int = 0) -> None:
        """A rectangle; ``radius`` of its corners in pixels."""
        self._draw.rounded_rectangle(self.box(left, top, right, bottom), radius, fill)

    def disc(self, x: float, y: float, across: float, fill: Colour) -> None:
        """A circle; ``across`` is a share of the width."""
        self._draw.circle((x * self.width, y * self.height), across * self.width / 2, fill)

    def shape(self, points: Sequence[tuple[float, float]], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * self.width, y * self.height) for x, y in points], fill)

    def stroke(self, points: Sequence[tuple[float, float]], fill: Colour, width: float) -> None:
        """A line through the points; ``width`` is a share of the width."""
        pixels = [(x * self.width, y * self.height) for x, y in points]
        self._draw.line(pixels, fill, max(1, round(width * self.width)), joint="curve")

    def bow(self, x: float, y: float, across: float, angles: tuple[int, int], *, fill: Colour, width: float) -> None:
        """Part of a circle's line, such as a smile."""
        centre_x, centre_y, radius = x * self.width, y * self.height, across * self.width / 2
        box = (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius)
        self._draw.arc(box, *angles, fill=fill, width=max(1, round(width * self.width)))

    def stamp(self, x: float, y: float, picture: Image.Image, mask: Image.Image) -> None:
        """Another picture, its middle at x, y, where its mask is white."""
        corner = round(x * self.width - picture.width / 2), round(y * self.height - picture.height / 2)
        self.image.paste(picture, corner, mask)
