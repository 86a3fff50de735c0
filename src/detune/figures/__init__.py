"""The pictures: arrays in, a PNG file out.

Each module draws results of one stage: `exploration`, `separation` and `collection` the tracks,
`training` the curves of training and the confusions, `robustness` and `breakdown` the accuracy
under attack, `attention`, `attention_shift` and `genre_attention` the heatmaps. Only stages import
them.
"""
