"""The pictures: arrays in, a PNG file out.

Each module draws what one stage shows, and imports no other than `style` and what it needs itself:
`exploration` the tracks and their features, `training` the network's course and its confusions,
`robustness` the accuracy under attack, `attention` the Grad-CAM heatmaps.
"""
