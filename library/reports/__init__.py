"""Figures and what is made of them: campaigns, reports, plots, the work of adding up."""
