"""What the paper claims, sentence by sentence, and the bounds that each is judged by."""

from __future__ import annotations

from zoo_core import claims_in, exact, gain, order, value

_TARGET = "this project's target; the paper's tables were not at hand"
_THEORY = "the abstract's theorem, in the form of the plugin's README"
_CONJECTURE = "the abstract's conjecture"

FASHION = ("symnoise-fashion-mnist", "symnoise-fashion-mnist-p40", "symnoise-fashion-mnist-p00")
MNIST = ("symnoise-mnist",)
MLPS = ("symnoise-under-mnist-p40", "symnoise-over-mnist-p40")
VIT = ("symnoise-vit-fashion-mnist-p40",)
LITE0 = ("symnoise-lite0-cifar10",)
GAUSS = ("symnoise-gauss4-p60",)
ALL = (*FASHION, *MNIST, *MLPS, *VIT, *LITE0, *GAUSS)

_LEAST = {
    "symnoise-fashion-mnist": (82.0, "80 % of 60,000 labels of clothes wrong"),
    "symnoise-fashion-mnist-p40": (88.0, "40 % of 60,000 labels of clothes wrong"),
    "symnoise-fashion-mnist-p00": (91.0, "60,000 clean labels of clothes"),
    "symnoise-mnist": (95.0, "80 % of 60,000 labels of digits wrong"),
    "symnoise-vit-fashion-mnist-p40": (
        70.0,
        "40 % of 60,000 labels of clothes wrong, and attention for convolutions",
    ),
    "symnoise-lite0-cifar10": (70.0, "40 % of 10,000 labels of photographs wrong"),
}
"""Clean test accuracy in percent, set before anything was trained, and what it was trained on."""
ONCE = (*FASHION[1:], *MNIST, *VIT, *LITE0)
"""Trained once: the interval is over the test set. The flagship is trained with three seeds."""


_claim = claims_in("zoo_symmetric_label_noise.checks")


CLAIMS = (
    *(
        _claim(
            f"clean-accuracy-{name.removeprefix('symnoise-')}",
            "measured:clean_accuracy",
            f"With {labels}, a network that is trained with ordinary cross-entropy, and nothing "
            "that mitigates noise, classifies clean test images.",
            {"clean accuracy": value(at_least=least, unit="%")},
            _TARGET,
            arguments={"model": name, "anew": 0 if name in ONCE else 2},
            models=(name,),
            minutes=0.5 if name in ONCE else 10,
            slow=name not in ONCE,
        )
        for name, (least, labels) in _LEAST.items()
    ),
    _claim(
        "cost-of-noise",
        "measured:cost_of_noise",
        "With 40 % of the labels wrong, a network loses at most 4 points on clean test images.",
        {"lost": value(at_most=4.0, unit="points")},
        _TARGET,
        arguments={"clean": FASHION[2], "noisy": FASHION[1]},
        models=FASHION[1:],
        minutes=0.5,
    ),
    _claim(
        "noisy-labels-tell-accuracy",
        "measured:corrected_estimate",
        "Accuracy on clean labels is an affine function of that on noisy ones, so that noisy test "
        "labels, which chose nothing, tell it within their standard error.",
        {
            "largest distance of the estimates": exact(at_most=3.0, unit="standard errors"),
            "largest distance under pair and asymmetric noise": exact(
                at_most=3.0, unit="standard errors"
            ),
            "refused where noise leaves no signal": exact(equal=True),
            # Of 95 percent intervals from 400 draws; the rate is estimated from 500 labels.
            "intervals that hold the truth, the rate being estimated": value(
                at_least=90.0, unit="%"
            ),
        },
        _THEORY,
        arguments={"models": list(ALL)},
        models=ALL,
        minutes=2,
    ),
    _claim(
        "approaches-bayes",
        "simulated:approaching_bayes",
        "An estimate of the noisy posterior that converges gives a classifier that is Bayes "
        "optimal for clean labels, up to the threshold (K - 1) / K; here it is 0.75.",
        {
            "rate 0.6, 50,000 points: behind Bayes": value(at_most=1.0, unit="points"),
            "rate 0.7, 50,000 points: behind Bayes": value(at_most=2.5, unit="points"),
            "rate 0.7: nearer to Bayes with more points": order(
                "50,000", "10,000", "1,000", lowest_first=True
            ),
            "no excess risk above the plug-in bound": exact(equal=True),
        },
        _THEORY,
        models=GAUSS,
        minutes=2,
    ),
    _claim(
        "past-the-threshold",
        "simulated:past_threshold",
        "At the threshold labels know nothing, and accuracy is that of chance; past it the order "
        "is reversed, and the least probable class is the Bayes optimal one.",
        {
            "rate 0.9: the argmin behind Bayes": value(at_most=3.0, unit="points"),
            "rate 0.9: accuracy of the argmax": value(at_most=25.0, unit="%"),
            "rate 0.75, from above: accuracy of the argmax": value(at_most=40.0, unit="%"),
            "rate 0.75, from below: accuracy of the argmax": value(at_least=10.0, unit="%"),
        },
        _THEORY,
        models=GAUSS,
        minutes=1.5,
    ),
    _claim(
        "nearest-neighbours",
        "simulated:neighbours",
        "A rule that interpolates is not consistent: 1-NN stays at c E[sum eta^2] + (1 - c) / K, "
        "however many points there are, where k-NN with k = n^0.7 comes near the Bayes rule.",
        {
            "1-NN: largest distance from its limit": exact(at_most=3.0, unit="points"),
            "rate 0.6: k-NN minus 1-NN": gain(at_least=40.0, unit="points"),
        },
        _THEORY,
        models=GAUSS,
        minutes=0.3,
    ),
    _claim(
        "invariance",
        "theory:invariance",
        "Symmetric noise below the threshold leaves every Bayes decision as it is, past it turns "
        "them round; accuracy is affine; excess risk is bounded by the L1 error of the estimated "
        "posterior; expected cross-entropy is label smoothing.",
        {
            "Bayes decisions that symmetric noise changes": exact(equal=0),
            "largest error of the affine law of accuracy": exact(at_most=1e-12),
            "violations of the plug-in bound": exact(equal=0),
            "largest distance of expected cross-entropy and label smoothing": exact(at_most=1e-6),
        },
        _THEORY,
        models=ALL,
        minutes=0.1,
    ),
    _claim(
        "under-and-over",
        "contrast:under_and_over",
        "Both under- and over-parameterised networks are robust if they are stopped on noisy "
        "labels; run until it fits the wrong labels, the over-parameterised one is the worse.",
        {
            "16 units: the epoch chosen on noisy labels behind the best one": value(
                at_most=1.5, unit="points"
            ),
            "1024 units: the epoch chosen on noisy labels behind the best one": value(
                at_most=1.5, unit="points"
            ),
            "stopped early: 1024 units minus 16": gain(at_least=0.0, unit="points"),
            "after 20 epochs: 16 units minus 1024": gain(at_least=0.0, unit="points"),
            "1024 units after 20 epochs: wrong labels learnt by heart": value(
                at_least=50.0, unit="%"
            ),
        },
        _TARGET,
        models=MLPS,
        minutes=3,
    ),
    _claim(
        "noise-levels",
        "contrast:noise_levels",
        "With 40, 60 and 80 % of 10,000 labels wrong, networks stay far above 1-NN, which comes "
        "down with the share of labels that are right.",
        {
            f"rate {rate}: network minus 1-NN": gain(at_least=least, unit="points")
            for rate, least in ((0.4, 10.0), (0.6, 15.0), (0.8, 15.0))
        },
        _TARGET,
        arguments={"rates": [0.0, 0.2, 0.4, 0.6, 0.8, 0.85, 0.9]},
        models=FASHION,
        minutes=10,
        slow=True,
    ),
    _claim(
        "other-noise",
        "confusions:confusions",
        "Of noise that is not symmetric only what its matrix leaves in order survives: pair flips "
        "of less than half of the labels leave the classes, and with more of them each class is "
        "answered as the next one.",
        {
            "symmetric 0.6: clean accuracy": value(at_least=70.0, unit="%"),
            "pair 0.4: clean accuracy": value(at_least=60.0, unit="%"),
            "pair 0.6: clean accuracy": value(at_most=20.0, unit="%"),
            "pair 0.6: answers that are the next class": value(at_least=60.0, unit="%"),
        },
        _THEORY,
        models=FASHION,
        minutes=3,
    ),
    _claim(
        "conjecture",
        "mitigation:conjecture",
        "With noise that is not symmetric and whose transition matrix is known, mitigation that "
        "uses the noisy data beats ignoring them; where it is symmetric, mitigation changes "
        "little.",
        {
            "pair 0.45: forward correction minus none": gain(at_least=1.0, unit="points"),
            "pair 0.45: forward correction minus 450 clean labels": gain(
                at_least=0.0, unit="points"
            ),
            "human, worst: forward correction minus 450 clean labels": gain(
                at_least=0.0, unit="points"
            ),
            "symmetric 0.4, from above: forward correction minus none": value(
                at_most=1.5, unit="points"
            ),
            "symmetric 0.4, from below: forward correction minus none": value(
                at_least=-1.5, unit="points"
            ),
        },
        _CONJECTURE,
        models=LITE0,
        minutes=8,
        slow=True,
    ),
)
