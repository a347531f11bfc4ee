"""The support vector machine of the ranking, beside scikit-learn's."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from prismake.screening.ranking import scores_of
from prismake.screening.svm import fit
from prismake.screening.tfidf import Matrix, tfidf


@pytest.mark.parametrize("cost", [0.01, 0.11, 1, 100])
@pytest.mark.parametrize(("number", "included"), [(2, 1), (3, 2), (40, 3), (40, 39), (400, 30)])
def test_it_scores_as_that_of_scikit_learn(number, included, cost):
    draw = np.random.default_rng(number)
    words = [f"word{n}" for n in range(60)]
    texts = [" ".join(draw.choice(words, draw.integers(0, 50))) for _ in range(number)]
    labels = np.arange(number) < included
    weights = draw.uniform(0.05, 5, number)
    matrix = tfidf(texts)
    shares = fit(matrix, labels, cost * weights)
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95).fit_transform(texts)
    model = LinearSVC(C=cost, dual=True, tol=1e-8, max_iter=1_000_000, random_state=0)
    model.fit(theirs, labels, sample_weight=weights)
    assert np.allclose(matrix.products(shares) + shares.sum(), model.decision_function(theirs), rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", [192, 1939, 2201, 2306])
def test_it_arrives_where_whole_steps_would_go_round_in_circles(seed):
    draw = np.random.default_rng(seed)
    rows, terms = draw.integers(3, 12), draw.integers(1, 5)
    weights = np.abs(draw.standard_normal((rows, terms))) * (draw.random((rows, terms)) < 0.7)
    weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-9)
    matrix = Matrix(np.full(rows, terms), np.tile(np.arange(terms), rows), weights.ravel(), np.zeros(rows))
    included = draw.permutation(rows) < draw.integers(1, rows)
    cost = 10 ** draw.uniform(-2, 3) * 10 ** draw.uniform(-1, 1, rows)
    shares = fit(matrix, included, cost)
    sides = np.where(included, 1, -1)
    pulls = 2 * cost * sides * np.maximum(0, 1 - sides * (matrix.products(shares) + shares.sum()))
    assert np.allclose(pulls, shares, rtol=0, atol=1e-6 * np.abs(shares).max())  # so at the minimum alone


@pytest.mark.parametrize("included", [[1, 0, 0, 0, 0, 0, 0, 1], [0, 1, 1, 1, 0, 1, 1, 1], [1] * 8])
def test_the_ranking_weighs_inclusions_as_elas_u4_does(included):
    texts = [f"word{n % 3} word{n % 5} one word{n % 7}" for n in range(30)]
    labels, known = np.array(included, bool), np.arange(3, 27, 3)
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95).fit_transform(texts)
    if labels.all():
        expected = np.asarray((theirs @ theirs[known].T).mean(axis=1)).ravel()
    else:
        weights = np.where(labels, 1, labels.sum() / (9.8 * (~labels).sum()))
        model = LinearSVC(C=0.11, dual=True, tol=1e-8, max_iter=1_000_000, random_state=0)
        model.fit(theirs[known], labels, sample_weight=weights * len(weights) / weights.sum())
        expected = model.decision_function(theirs)
    assert np.allclose(scores_of(tfidf(texts), known, labels), expected, rtol=0, atol=1e-6)
