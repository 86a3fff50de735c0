"""Explanations with known answers: do heatmaps mark what is known to count?"""
