#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fit_chains_test - the fitting itself, on evidence that is made up."""
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest

import fit_chains
from fit_chains import Question

ENOUGH = 3.5
TRUTH = {'SAME_TITLE': 5.0, 'PATHS': 3.0, 'OTHER_AUTHOR': -2.0}
IGNORANT = {name: 0.0 for name in TRUTH}


def invent(random_, count, wrong=0.0):
    """Questions answered as TRUTH has it; some of the answers about which TRUTH is sure are wrong."""
    questions = []
    for number in range(count):
        candidates = [{'SAME_TITLE': float(random_.random() < 0.4), 'PATHS': random_.random(),
                       'OTHER_AUTHOR': float(random_.random() < 0.3)} for _ in range(3)]
        likely = fit_chains.likelihoods(Question('', candidates, None, 1.0), TRUTH, ENOUGH)
        right = random_.choices(range(4), likely)[0]
        if random_.random() < wrong:
            right = min(range(4), key=lambda i: likely[i])
        questions.append(Question('author %d' % (number % 50), candidates, None if right == 3 else right, 1.0))
    return questions


class Fitting(unittest.TestCase):
    def assertNear(self, weights, truth, most):
        for name, value in truth.items():
            self.assertLess(abs(weights[name] - value), most, '%s: %g, not %g' % (name, weights[name], value))

    def test_known_weights_are_found_again(self):
        weights = fit_chains.fit(invent(random.Random(1), 4000), IGNORANT, ENOUGH)
        self.assertNear(weights, TRUTH, 0.5)

    def test_a_few_wrong_answers_bend_nothing(self):
        weights = fit_chains.fit(invent(random.Random(2), 4000, wrong=0.005), IGNORANT, ENOUGH)
        self.assertNear(weights, TRUTH, 0.6)

    def test_without_answers_everything_stays_as_it_was_guessed(self):
        self.assertEqual(fit_chains.fit([], TRUTH, ENOUGH), TRUTH)

    def test_evidence_that_right_answers_never_have_stays_as_it_was_guessed(self):
        prior = dict(IGNORANT, RFC=1.5)
        questions = [q._replace(candidates=[c if i == q.right else dict(c, RFC=1.0)
                                            for i, c in enumerate(q.candidates)])
                     for q in invent(random.Random(3), 500)]
        self.assertEqual(fit_chains.fit(questions, prior, ENOUGH)['RFC'], 1.5)

    def test_likelihoods_add_up_however_large_the_scores(self):
        likely = fit_chains.likelihoods(Question('', [{'SAME_TITLE': 900.0}, {}], None, 1.0), TRUTH, ENOUGH)
        self.assertTrue(math.isclose(sum(likely), 1))

    def test_nobody_is_asked_about_an_author_the_weights_have_seen(self):
        questions = invent(random.Random(4), 300)
        asked = []
        fitted = fit_chains.fit

        def watch(seen, prior, enough):
            unseen = {q.author for q in questions} - {q.author for q in seen}
            asked.extend(unseen)
            return fitted(seen, prior, enough)
        fit_chains.fit = watch
        try:
            figures, = fit_chains.cross_validate([questions], IGNORANT, ENOUGH)
        finally:
            fit_chains.fit = fitted
        self.assertEqual(sorted(asked), sorted({q.author for q in questions}))
        self.assertEqual(figures.asked + figures.absent, len(questions))


class Asking(unittest.TestCase):
    PAIRS = {
        'v2': {'v1': {'NEXT_REVISION': 1.0}, 'stranger': {'PATHS': 0.1}},
        'v3': {'v2': {'NEXT_REVISION': 1.0, 'CLAIMED': 1.0}, 'v1': {'SKIPPED': 1.0, 'SAME_TITLE': 1.0},
               'stranger': {'PATHS': 0.2}},
    }
    ANSWERS = {'v3': 'v2', 'v2': 'v1'}

    def test_a_chain_is_left_out_from_its_newest_to_its_oldest(self):
        chain = fit_chains.chains(self.PAIRS, self.ANSWERS)
        authors = {'v2': 'ann', 'v3': 'ann'}
        asked = fit_chains.ask({'v3': self.PAIRS['v3']}, authors, self.ANSWERS, chain)
        wanted = [self.PAIRS['v3']['v2'], self.PAIRS['v3']['v1'], None]
        self.assertEqual([None if q.right is None else q.candidates[q.right] for q in asked], wanted)
        self.assertEqual(asked[0].counts, 1)
        for question in asked:
            self.assertIn({'PATHS': 0.2}, question.candidates)
        self.assertEqual(asked[2].candidates, [{'PATHS': 0.2}])

    def test_who_names_one_predecessor_is_believed(self):
        self.assertEqual(fit_chains.believe(self.PAIRS), {'v3': 'v2'})

    def test_of_a_pair_compared_twice_the_last_counts(self):
        lines = ['b\ta\tann\t0\t1', 'b\ta\tann\t0.5\t0']
        pairs, authors = fit_chains.read_evidence(lines, ['PATHS', 'CLAIMED'])
        self.assertEqual(pairs, {'b': {'a': {'PATHS': 0.5}}})
        self.assertEqual(authors, {'b': 'ann'})

    def test_a_silent_mail_names_nobody(self):
        mail = (b'From mboxrd@z Thu Jan  1 00:00:00 1970\n'
                b'Subject: [PATCH v2 0/2] cog\nIn-Reply-To: <v1@example.org>\nReferences: <v0@example.org>\n'
                b' <v1@example.org>\nMessage-ID: <v2@example.org>\n\n'
                b'Link: https://lore.kernel.org/r/v1@example.org\nSupersedes: <v1@example.org>\n'
                b'change-id: 20260101-cog-0a1b2c3d4e5f\ndrivers/cog.c | 2 +-\n')
        silent = fit_chains.silence(mail + mail)
        for word in (b'v1@example.org', b'v0@example.org', b'change-id'):
            self.assertNotIn(word, silent)
        self.assertEqual(silent.count(b'From mboxrd@z'), 2)
        self.assertEqual(silent.count(b'Message-ID: <v2@example.org>'), 2)
        self.assertEqual(silent.count(b'drivers/cog.c | 2 +-'), 2)


class Table(unittest.TestCase):
    SOURCE = 'static const double weights[] = {\n    [PM_EVIDENCE_PATHS] = 2.5,\n    [PM_EVIDENCE_RFC] = -1,\n};\n'

    def test_only_the_numbers_are_written(self):
        written = fit_chains.write_table(self.SOURCE, {'PATHS': 3.0, 'RFC': 0.25})
        self.assertEqual(written, self.SOURCE.replace('2.5', '3').replace('-1', '0.25'))
        self.assertEqual(fit_chains.read_table(written), {'PATHS': 3.0, 'RFC': 0.25})

    def test_a_weight_that_is_a_step_away_is_no_difference(self):
        step = fit_chains.STEP
        self.assertEqual(fit_chains.differences({'PATHS': 2.5}, {'PATHS': 2.5 + step}), [])
        self.assertEqual(len(fit_chains.differences({'PATHS': 2.5}, {'PATHS': 2.5 + 2 * step})), 1)

    def test_every_evidence_has_a_weight_and_a_first_guess(self):
        with open(fit_chains.TABLE) as file:
            table = fit_chains.read_table(file.read())
        self.assertEqual(set(table), set(fit_chains.evidence_names()))
        self.assertEqual(set(fit_chains.PRIOR), set(fit_chains.evidence_names()))


class Program(unittest.TestCase):
    def test_without_an_archive_it_skips_itself(self):
        with tempfile.TemporaryDirectory() as empty:
            run = subprocess.run([sys.executable, os.path.abspath(fit_chains.__file__), '--features', 'none', '--config',
                                  'none', '--check', empty], stdout=subprocess.PIPE)
        self.assertEqual(run.returncode, 77)
        self.assertIn(b'skipped', run.stdout)


if __name__ == '__main__':
    unittest.main()
