"""Lists of numbers in statements, brought to few lengths."""


def padded(numbers: list[int]) -> list[int]:
    """These, the last one repeated until they are a power of two.

    For `IN`, which does not mind: a statement for each length would be made, and prepared by the database,
    anew.
    """
    if not numbers:
        return []
    missing = (1 << (len(numbers) - 1).bit_length()) - len(numbers)
    return numbers + numbers[-1:] * missing
