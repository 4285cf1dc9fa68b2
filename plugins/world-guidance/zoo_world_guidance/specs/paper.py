"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_core import Paper, Picture
from zoo_world_guidance.specs.claims import CLAIMS, IMAGES, STATES

PAPER = Paper(
    name="world-guidance",
    title="World Guidance: World Modeling in Condition Space for Action Generation",
    authors=(
        "Yue Su",
        "Sijin Chen",
        "Haixin Shi",
        "Mingyu Liu",
        "Zhengshen Zhang",
        "Ningyuan Huang",
        "Weiheng Zhong",
        "Zhengbang Zhu",
        "Yuxiao Liu",
        "Xihui Liu",
    ),
    year=2026,
    arxiv="2602.22010",
    summary=(
        "A robot policy predicts, of the future, no images and no tiny latent, but the conditions "
        "that a small former reads off true future frames for the sake of the actions alone. Video "
        "without actions can teach them."
    ),
    notes=(
        "The paper's policy is a vision-language model of 7 billion weights on robots and in "
        "SIMPLER; here it is one of 0.2 to 0.5 million, on PushT, trained for minutes on a CPU. "
        "Its encoders of future frames (DINOv2, a video autoencoder) are EfficientNet-Lite0 here, "
        "or, from positions, the positions to come. The paper's videos of people are here "
        "demonstrations whose actions are not known. "
        "What differs from the published code: only the output of the injection starts at zero, "
        "not its queries, keys and values, which there never learn; conditions are dropped with "
        "probability 0.1, so that there is a null one; conditions that are predicted are heard by "
        "the action head (guidance=implicit is the published code, where they are not); what is "
        "predicted is centred and scaled (loss=written is the published cosine); times of the flow "
        "gather near noise (t_bias=data is published). "
        "People's demonstrations themselves reach a mean coverage of 0.90, so that success, more "
        "than 0.95, is rare even for people: the score is what is compared."
    ),
    bibtex="""@misc{su2026world,
  title         = {World Guidance: World Modeling in Condition Space for Action
                   Generation},
  author        = {Su, Yue and Chen, Sijin and Shi, Haixin and Liu, Mingyu and
                   Zhang, Zhengshen and Huang, Ningyuan and Zhong, Weiheng and Zhu, Zhengbang and
                   Liu, Yuxiao and Liu, Xihui},
  year          = {2026},
  eprint        = {2602.22010},
  archivePrefix = {arXiv}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="coverage",
            draw="zoo_world_guidance.pictures:coverage",
            caption="Share of the 50 test episodes in which more of the goal was covered than a "
            "threshold, with 95 % intervals over episodes and seeds of the training, where 30 of "
            "186 demonstrations have actions. Left: policies that are told positions. Right: "
            "policies that see images.",
            models=(*STATES, *IMAGES),
        ),
        Picture(
            name="strips",
            draw="zoo_world_guidance.pictures:strips",
            caption="The test episode of seed 100003 as the three policies from images play it, in "
            "eight frames from the first to the last: the blue agent is to push the grey T onto "
            "the green one.",
            models=IMAGES,
        ),
        Picture(
            name="conditions",
            draw="zoo_world_guidance.pictures:conditions",
            caption="Left: conditions of held-out steps in the two directions in which they vary "
            "most, their mean taken out; the colour says in which direction from the middle the "
            "person sent the agent 15 steps later. Right: the share of what varies in each "
            "direction.",
            models=STATES[:1],
        ),
    ),
)
