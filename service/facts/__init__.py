"""The numbers, dates and names of a sentence, and which of them another text confirms or denies."""
