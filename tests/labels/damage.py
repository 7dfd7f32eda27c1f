"""What printers and scanners do to a code: blur, a lost row or column of dots, too little ink."""

from PIL import Image, ImageChops, ImageFilter


def blurred(image: Image.Image, radius: float = 0.8) -> Image.Image:
    return image.convert("L").filter(ImageFilter.GaussianBlur(radius))


def thinner(image: Image.Image) -> Image.Image:
    """Every dark stretch loses its first dot: a heating element that is late."""
    grey = image.convert("L")
    return ImageChops.lighter(grey, ImageChops.offset(grey, 1, 0))


def without_a_row(image: Image.Image) -> Image.Image:
    """The middle row of dots stays white, a dead element of a print head; seen as a reader's lens sees it."""
    grey = image.convert("L").copy()
    grey.paste(255, (0, grey.height // 2, grey.width, grey.height // 2 + 1))
    return blurred(grey)


def without_a_column(image: Image.Image) -> Image.Image:
    """The same across the paper's way: bars beside it are a dot thinner."""
    grey = image.convert("L").copy()
    grey.paste(255, (grey.width // 2, 0, grey.width // 2 + 1, grey.height))
    return grey


ALL = (blurred, thinner)
BARS = (*ALL, without_a_row, without_a_column)
"""A white line through one of a square's three finders hides it from both readers, whatever the rest of it could mend."""
