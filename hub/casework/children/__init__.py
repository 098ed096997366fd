"""Children: the record of one child, merging, splitting and erasing."""
