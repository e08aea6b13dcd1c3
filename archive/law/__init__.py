"""Documents read as legal texts: what yange concludes from them, beside what the portal said.

Two readings, each in rooms that build on one another. By articles: `articles` finds the parts of a
text, `comparison` holds two texts against each other, `tables` writes it down as a 修订对照表. For
force: `claims` are what one text says, `force` is what all texts together say, `conflicts` is what
does not fit together. Both read with `words`.
"""
