"""Tủ sách lớp học: a classroom's shelf, its keeper, its fillings and counts, swaps between classes, the reading log.

A shelf is a place (holdings) with a keeper and a mode. What belongs on it is told by open stays and by homes, what is on
it by places, who reads by loans: nothing of that is kept here a second time.
"""
