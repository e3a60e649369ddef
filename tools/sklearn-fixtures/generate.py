"""Prints, as JSON, what scikit-learn says of small sets of labels and probabilities. See README.md."""

import json
import math
import sys
import warnings

import numpy as np
import sklearn
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")


def plain(value):
    """Turns numpy's values into JSON's; NaN into null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def averaged(y_true, y_pred, average, **settings):
    return metrics.precision_recall_fscore_support(y_true, y_pred, average=average, **settings)[:3]


def scores(y_true, y_pred, labels, zero_division, beta):
    settings = dict(labels=labels, zero_division=zero_division, beta=beta)
    return {
        "zeroDivision": zero_division,
        "beta": beta,
        "perClass": metrics.precision_recall_fscore_support(y_true, y_pred, **settings),
        "micro": averaged(y_true, y_pred, "micro", **settings),
        "macro": averaged(y_true, y_pred, "macro", **settings),
        "weighted": averaged(y_true, y_pred, "weighted", **settings),
    }


def report(y_true, y_pred, labels, target_names, zero_division, digits):
    settings = dict(labels=labels, target_names=target_names, zero_division=zero_division)
    return {
        "zeroDivision": zero_division,
        "digits": digits,
        "text": metrics.classification_report(y_true, y_pred, digits=digits, **settings),
        "data": metrics.classification_report(y_true, y_pred, output_dict=True, **settings),
    }


def label_case(name, y_true, y_pred, labels=None, target_names=None):
    return {
        "name": name,
        "yTrue": y_true,
        "yPred": y_pred,
        "labels": labels,
        "targetNames": target_names,
        "accuracy": metrics.accuracy_score(y_true, y_pred),
        "matthewsCorrcoef": metrics.matthews_corrcoef(y_true, y_pred),
        "confusionMatrix": metrics.confusion_matrix(y_true, y_pred, labels=labels),
        "cohenKappa": {
            str(weights).lower(): metrics.cohen_kappa_score(y_true, y_pred, labels=labels, weights=weights)
            for weights in (None, "linear", "quadratic")
        },
        "scores": [scores(y_true, y_pred, labels, *setting) for setting in ((0, 1.0), (1, 1.0), (0, 2.0))],
        "reports": [report(y_true, y_pred, labels, target_names, *setting) for setting in ((0, 2), (1, 3), (0, 0))],
    }


def calibration(y_true, probabilities, num_bins):
    """scikit-learn's reliability curve of the top label, its error with the counts of numpy's bins."""
    confidence = probabilities.max(axis=1)
    is_right = (probabilities.argmax(axis=1) == y_true).astype(int)
    accuracy, mean_confidence = calibration_curve(is_right, confidence, n_bins=num_bins, strategy="uniform")
    indices = np.searchsorted(np.linspace(0, 1, num_bins + 1)[1:-1], confidence)
    counts = np.bincount(indices, minlength=num_bins)
    filled = counts[counts > 0]
    return {
        "numBins": num_bins,
        "counts": counts,
        "accuracy": accuracy,
        "meanConfidence": mean_confidence,
        "ece": np.sum(filled * np.abs(accuracy - mean_confidence)) / len(y_true),
    }


def brier(y_true, probabilities):
    """The sum over classes of the binary Brier score: scikit-learn 1.7's multi-class one, in any version."""
    return sum(
        metrics.brier_score_loss(y_true == c, probabilities[:, c], pos_label=True)
        for c in range(probabilities.shape[1])
    )


def roc_auc(y_true, probabilities):
    """One-vs-rest; null where scikit-learn refuses because a class is absent."""
    num_classes = probabilities.shape[1]
    # With two classes scikit-learn takes two columns for indicators only.
    target = np.eye(2)[y_true] if num_classes == 2 else y_true
    labels = None if num_classes == 2 else list(range(num_classes))

    def area(average):
        try:
            return metrics.roc_auc_score(target, probabilities, multi_class="ovr", average=average, labels=labels)
        except ValueError:
            return None

    return {str(average).lower(): area(average) for average in ("micro", "macro", "weighted", None)}


def top_k_accuracy(y_true, probabilities, k):
    """With two classes scikit-learn takes the second column only."""
    if probabilities.shape[1] == 2:
        return metrics.top_k_accuracy_score(y_true, probabilities[:, 1], k=k)
    return metrics.top_k_accuracy_score(y_true, probabilities, k=k, labels=list(range(probabilities.shape[1])))


def probability_case(name, y_true, probabilities):
    y_true = np.asarray(y_true)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    single = probabilities.astype(np.float32)
    classes = list(range(probabilities.shape[1]))
    return {
        "name": name,
        "numClasses": len(classes),
        "yTrue": y_true,
        "probabilities": probabilities.ravel(),
        "topKAccuracy": [top_k_accuracy(y_true, probabilities, k) for k in range(1, len(classes) + 1)],
        "logLoss": metrics.log_loss(y_true, probabilities, labels=classes),
        # scikit-learn's limits for float32, its sums in float64, as ours are.
        "logLossFloat32": metrics.log_loss(
            y_true, single.astype(np.float64), labels=classes, eps=float(np.finfo(np.float32).eps)
        ),
        "logLossEps": metrics.log_loss(y_true, probabilities, labels=classes, eps=0.01),
        # Over all classes: for two, that is twice the binary score.
        "brier": brier(y_true, probabilities),
        "rocAuc": roc_auc(y_true, probabilities),
        "calibration": [calibration(y_true, probabilities, num_bins) for num_bins in (15, 10, 1)],
    }


def roc_case(name, y_true, y_score):
    return {
        "name": name,
        "yTrue": y_true,
        "yScore": y_score,
        "rocAuc": metrics.roc_auc_score(y_true, y_score),
    }


def wilson_case(successes, trials):
    interval = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")
    return {"successes": successes, "trials": trials, "lower": interval.low, "upper": interval.high}


def noisy_labels(random, count, num_classes, accuracy):
    y_true = random.randint(num_classes, size=count)
    is_right = random.random_sample(count) < accuracy
    return y_true, np.where(is_right, y_true, random.randint(num_classes, size=count))


def noisy_probabilities(random, count, num_classes, parts):
    """Rows in multiples of 1/parts: short decimals, many ties, many zeros."""
    y_true = random.randint(num_classes, size=count)
    rows = []
    for label in y_true:
        weights = random.gamma(0.5, size=num_classes)
        weights[label] += random.gamma(2.0)
        rows.append(random.multinomial(parts, weights / weights.sum()) / parts)
    return y_true, np.array(rows)


def label_cases():
    random = np.random.RandomState(20)
    ten, ten_predicted = noisy_labels(random, 200, 10, 0.8)
    few, few_predicted = noisy_labels(random, 12, 12, 0.3)
    digits = list(range(10))
    names = ["zero", "one", "a very long class name", "three", "four", "five", "six", "seven", "eight", "neuf \U0001d7d7"]
    return [
        label_case("scikit-learn's own example", [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2]),
        label_case("two classes", [0, 1, 0, 1, 1, 0, 1], [1, 1, 1, 0, 1, 0, 1]),
        label_case("all right", [0, 1, 2, 3], [0, 1, 2, 3]),
        label_case("all wrong", [0, 1, 2, 0], [1, 2, 0, 2]),
        label_case("one class only", [3, 3, 3], [3, 3, 3]),
        label_case("one true class, another predicted", [1, 1, 1], [2, 2, 2]),
        label_case("one predicted class", [0, 1, 2, 2], [2, 2, 2, 2]),
        label_case("a class never predicted and one never true", [0, 0, 1, 1, 2], [0, 0, 0, 3, 2]),
        label_case("labels that are not consecutive, one below zero", [-1, 7, 7, 30, 30], [7, 7, 7, 30, -1]),
        label_case("absent classes named", [1, 1, 1, 0], [1, 1, 0, 0], [0, 1, 2, 3]),
        label_case("a subset of the classes", [0, 1, 2, 2, 1, 0], [0, 2, 2, 1, 1, 0], [1, 2]),
        label_case("the classes in another order", [0, 1, 2, 2, 1, 0], [0, 2, 2, 1, 1, 0], [2, 0, 1]),
        label_case("decimals half-way", [0] * 8 + [1] * 8, [0] + [1] * 7 + [0] * 3 + [1] * 5),
        label_case(
            "averages that hang on the order of their sum",
            [1, 3, 6, 2, 5, 2, 7, 1, 3, 0, 1, 4, 3, 2, 3, 0],
            [1, 3, 1, 2, 5, 4, 7, 7, 2, 0, 1, 4, 6, 2, 3, 0],
        ),
        label_case("ten classes", ten, ten_predicted),
        label_case("ten classes with names", ten, ten_predicted, digits, names),
        label_case("more classes than samples can fill", few, few_predicted),
    ]


def probability_cases():
    random = np.random.RandomState(21)
    return [
        probability_case("two classes", [0, 1, 1, 0], [[0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.35, 0.65]]),
        probability_case(
            "three classes",
            [0, 1, 2, 2],
            [[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6], [0.5, 0.3, 0.2]],
        ),
        probability_case("ties everywhere", [0, 1, 2, 3], [[0.25] * 4] * 4),
        probability_case("certain and right", [0, 1, 2], np.eye(3)),
        probability_case("certain and wrong", [1, 2, 0], np.eye(3)),
        probability_case(
            "a class that is never true",
            [0, 0, 1, 1],
            [[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.2, 0.5, 0.3], [0.3, 0.3, 0.4]],
        ),
        probability_case("one true class only", [1, 1], [[0.1, 0.7, 0.2], [0.6, 0.3, 0.1]]),
        probability_case(
            "confidences on the edges of bins",
            [0, 0, 1, 1, 0],
            [
                [0.2, 0.2, 0.2, 0.2, 0.2],
                [0.4, 0.3, 0.1, 0.1, 0.1],
                [0.0, 0.5, 0.5, 0.0, 0.0],
                [0.1, 0.8, 0.1, 0.0, 0.0],
                [1.0, 0.0, 0.0, 0.0, 0.0],
            ],
        ),
        probability_case("ten classes", *noisy_probabilities(random, 60, 10, 32)),
        probability_case("ten classes, fine steps", *noisy_probabilities(random, 40, 10, 1000)),
    ]


def roc_cases():
    random = np.random.RandomState(22)
    y_true = random.randint(2, size=60)
    return [
        roc_case("scikit-learn's own example", [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
        roc_case("labels other than 0 and 1", [3, 7, 3, 7, 7], [-2.5, 0.5, 1.5, 1.5, 3.0]),
        roc_case("all scores equal", [0, 1, 0, 1, 1], [0.5] * 5),
        roc_case("perfect", [0, 0, 1, 1], [1, 2, 3, 4]),
        roc_case("reversed", [0, 0, 1, 1], [4, 3, 2, 1]),
        roc_case("many ties", y_true, np.round(random.normal(y_true), 1)),
    ]


def wilson_cases():
    pairs = [(0, 1), (1, 1), (0, 10), (10, 10), (5, 10), (9, 10), (9970, 10000), (59999, 60000), (1, 70000)]
    return [wilson_case(*pair) for pair in pairs]


def compact(fixture):
    """One line a case, so that a change shows which."""
    lines = []
    for key, value in fixture.items():
        if isinstance(value, list):
            items = ",\n".join(json.dumps(item, ensure_ascii=True, separators=(",", ":")) for item in value)
            lines.append(f'"{key}": [\n{items}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    sys.stdout.write(
        compact(
            plain(
                {
                    "sklearn": sklearn.__version__,
                    "labelCases": label_cases(),
                    "probabilityCases": probability_cases(),
                    "rocCases": roc_cases(),
                    "wilsonCases": wilson_cases(),
                }
            )
        )
    )
