#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fit_chains - what each piece of evidence for a predecessor weighs, learned from chains of real mail.

  fit_chains.py --features PROGRAM --config FILE [--answers FILE] [--check | --write] ARCHIVE

PROGRAM is build/release/tests/corpus/chain_features, FILE a patchmark.conf. ARCHIVE is an mbox (.xz or not), or a
folder that holds *covers.mbox.xz and *chains.json. The answers are a JSON object: Message-ID of a cover to
{"supersedes": Message-ID}. Without answers, what letters say of themselves (links, change-ids) is taken for them.

The model is the decision itself. Every candidate has a score, the weights of its evidence added up; "none of them" has
the score PM_CHAIN_ENOUGH; how likely an answer is follows from the scores (a conditional logit). Weights are those that
make the answers likeliest, pulled towards PRIOR as by a few answers more: evidence that an archive seldom or never has
keeps the weight it was given by hand.

Each letter is asked about as it is, and with all that it says of its predecessors taken out of the mail, or nothing
would be learned beside links. And it is asked about with its predecessor left out of the memory, when the one before that
is right, and so on to the beginning of its chain, when "none" is right: or nobody would learn to be silent. One answer in
WRONG is taken to be wrong, so that a few bad ones cannot bend a weight.

Prints the weights and how well they answer, also cross-validated: fitted on four fifths of the authors and asked about
the last. --write puts the weights into plugins/revision/chain.c, --check fails when that has others. Exit status 77
when there is no ARCHIVE.
"""
import argparse
import collections
import glob
import json
import lzma
import math
import os
import re
import subprocess
import sys
import tempfile
import zlib

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
TABLE = os.path.join(TREE, 'plugins', 'revision', 'chain.c')
HEADER = os.path.join(TREE, 'plugins', 'revision', 'chain.h')

# What one would say without any mail.
PRIOR = {
    'CLAIMED': 12, 'CLAIMED_OLDER': 2.5, 'ANSWERS': 3, 'ANSWERS_OLDER': 1, 'CHANGE_ID': 8, 'FAMILY': 5,
    'SAME_TITLE': 6, 'TITLE': 4, 'PATCHES': 4, 'OTHER_PATCHES': -2, 'PATHS': 2.5, 'OTHER_PATHS': -1,
    'NEXT_REVISION': 1.5, 'SAME_REVISION': -1.5, 'RESENT': -2.25, 'RFC': 1.5, 'SKIPPED': 0.5, 'OTHER_TREE': -1.5,
    'OTHER_AUTHOR': -3, 'LONG_AGO': -1,
}
SPREAD = 3.0  # how far from PRIOR a weight is expected to be
ABSENT = 0.3  # what letters count with predecessors left out: so often the memory lacks one
WRONG = 200   # one answer in so many
SEEN = 5      # right answers that must have a piece of evidence before it leaves PRIOR
STEP = 0.25   # weights are multiples of it: people read them
FOLDS = 5

# Learned also from answers that are wrong: right ones may never have it. Not RESENT: the answer is what was superseded
# the first time, and all that is learned is that this goes before.
AGAINST = ('OTHER_PATCHES', 'OTHER_PATHS', 'SAME_REVISION', 'SKIPPED', 'OTHER_TREE', 'OTHER_AUTHOR', 'LONG_AGO')

# Stays as it was guessed: an archive that is whole would teach that a number that fits is enough. A memory that has
# seen half of a list meets many that fit and are others'.
HELD = ('NEXT_REVISION',)

# What letters say of their predecessors; without answers, those who say it are believed.
SAID = ('CLAIMED', 'CHANGE_ID')

# Series of which one of these holds are of one chain; answers name only one link of most.
SURE = ('CLAIMED', 'CLAIMED_OLDER', 'ANSWERS', 'ANSWERS_OLDER', 'CHANGE_ID', 'FAMILY', 'SAME_TITLE')

# A letter that is asked about: the evidence of each candidate, as {evidence: value}, which of them is right (None: none
# of them is), and how much the question counts.
Question = collections.namedtuple('Question', 'author candidates right counts')


# ---- The mail ----

MESSAGE = re.compile(rb'(?m)^(?=From \S+ .*\d{4}$)')
THREADING = re.compile(rb'(?mi)^(?:In-Reply-To|References|X-Change-ID|X-B4-Tracking):.*\n(?:[ \t].*\n)*')
CHANGE_ID = re.compile(rb'(?mi)^(?:prerequisite-)?change-id:.*\n')
LINK = re.compile(rb'https?://\S*@\S*|https?://(?:lore|lkml|patch\.msgid|patchwork|www\.spinics|marc|lists)\S*')
NAMED = re.compile(rb'(?mi)^(?:Supersedes|Obsoletes):.*\n')


def silence(archive):
    """The archive without what its letters say of their predecessors."""
    silent = []
    for message in filter(None, MESSAGE.split(archive)):
        head, _, body = message.partition(b'\n\n')
        head = THREADING.sub(b'', head + b'\n')
        silent.append(head + b'\n' + LINK.sub(b'', NAMED.sub(b'', CHANGE_ID.sub(b'', body))))
    return b''.join(silent)


def read_archive(path):
    opened = lzma.open(path) if path.endswith('.xz') else open(path, 'rb')
    with opened as file:
        return file.read()


# ---- The evidence ----

def evidence_names(header=HEADER):
    """The names of pm_evidence, in its order."""
    with open(header) as file:
        names = re.findall(r'^\s*PM_EVIDENCE_(\w+),', file.read(), re.M)
    return names[:names.index('COUNT')]


def read_evidence(lines, names):
    """{later: {earlier: {evidence: value}}} and {later: author}; of a pair that is there twice the last counts."""
    pairs, authors = {}, {}
    for line in lines:
        later, earlier, author, *values = line.rstrip('\n').split('\t')
        if len(values) != len(names):
            sys.exit('fit_chains: chain_features says %d pieces of evidence, chain.h %d: build it again'
                     % (len(values), len(names)))
        pairs.setdefault(later, {})[earlier] = {n: float(v) for n, v in zip(names, values) if v != '0'}
        authors[later] = author
    return pairs, authors


def compare(program, config, archive, names):
    with tempfile.NamedTemporaryFile(suffix='.mbox') as file:
        file.write(archive)
        file.flush()
        run = subprocess.run([program, config, file.name], stdout=subprocess.PIPE, check=True)
    return read_evidence(run.stdout.decode(errors='replace').splitlines(), names)


# ---- Questions ----

def believe(pairs):
    """Answers from what letters say themselves, where they name one candidate only."""
    answers = {}
    for later, candidates in pairs.items():
        named = [e for e, evidence in candidates.items()
                 if 'NEXT_REVISION' in evidence and any(s in evidence for s in SAID)]
        if len(named) == 1:
            answers[later] = named[0]
    return answers


def chains(pairs, answers):
    """{Message-ID: its chain, whatever stands for it}."""
    parent = {}

    def root(of):
        while parent.setdefault(of, of) != of:
            of = parent[of]
        return of
    for later, earlier in answers.items():
        parent[root(later)] = root(earlier)
    for later, candidates in pairs.items():
        for earlier, evidence in candidates.items():
            if any(s in evidence for s in SURE):
                parent[root(later)] = root(earlier)
    return {each: root(each) for each in parent}


def history(later, answers):
    """Its predecessors, newest first."""
    found = []
    while later in answers and answers[later] not in found:
        later = answers[later]
        found.append(later)
    return found


def ask(pairs, authors, answers, chain):
    """Every answered letter, with ever more of its chain left out. Older revisions of a chain do not compete with
    newer ones: predecessor.c goes from whichever it finds to the newest."""
    questions = []
    for later, candidates in sorted(pairs.items()):
        if answers.get(later) not in candidates:
            continue
        before = [earlier for earlier in history(later, answers) if earlier in candidates]
        strangers = sorted(i for i in candidates if chain.get(i, i) != chain[later])
        again = sorted(i for i in candidates if i not in strangers and i != before[0]
                       and 'SKIPPED' not in candidates[i])
        for gone in range(len(before) + 1):
            ids = before[gone:gone + 1] + strangers + (again if gone == 0 else [])
            questions.append(Question(authors[later], [candidates[i] for i in ids],
                                      0 if gone < len(before) else None, ABSENT / len(before) if gone else 1.0))
    return questions


# ---- Fitting ----

def score(evidence, weights):
    return sum(weights[name] * value for name, value in evidence.items())


def likelihoods(question, weights, enough):
    """How likely each candidate is; the last is "none of them"."""
    scores = [score(c, weights) for c in question.candidates] + [enough]
    most = max(scores)
    shares = [math.exp(s - most) for s in scores]
    return [s / sum(shares) for s in shares]


def solve(matrix, vector):
    """x of matrix x = vector, by elimination; the matrix is symmetric and positive."""
    size = len(vector)
    rows = [list(matrix[i]) + [vector[i]] for i in range(size)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda j: abs(rows[j][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(i + 1, size):
            factor = rows[j][i] / rows[i][i]
            if factor:
                for k in range(i, size + 1):
                    rows[j][k] -= factor * rows[i][k]
    x = [0.0] * size
    for i in reversed(range(size)):
        x[i] = (rows[i][size] - sum(rows[i][k] * x[k] for k in range(i + 1, size))) / rows[i][i]
    return x


def add_question(question, weights, enough, gradient, curvature, place):
    """What one answer says about where the weights should go, and how sure it is of that."""
    likely = likelihoods(question, weights, enough)
    right = len(likely) - 1 if question.right is None else question.right
    # An answer that could hardly be less likely is more likely to be wrong.
    trust = likely[right] / (likely[right] + 1.0 / (WRONG * len(likely)))
    counts = trust * question.counts
    mean = collections.defaultdict(float)
    seen = [{n: v for n, v in c.items() if n in place} for c in question.candidates]
    for evidence, share in zip(seen, likely):
        for name, value in evidence.items():
            mean[name] += share * value
        for a, x in evidence.items():
            for b, y in evidence.items():
                curvature[place[a]][place[b]] += counts * share * x * y
    if question.right is not None:
        for name, value in seen[question.right].items():
            gradient[place[name]] += counts * value
    for a, x in mean.items():
        gradient[place[a]] -= counts * x
        for b, y in mean.items():
            curvature[place[a]][place[b]] -= counts * x * y


def is_known(name, questions):
    """Do right answers have it? Those that only name the revision one lower cannot teach what an RFC weighs."""
    right = (q.candidates[q.right] for q in questions if q.right is not None and q.counts == 1)
    enough = sum(name in evidence for evidence in right) >= SEEN or name in AGAINST
    return enough and name not in HELD


def fit(questions, prior, enough, rounds=40):
    """The weights that make the answers likeliest, by Newton's method."""
    names = sorted(name for name in prior if is_known(name, questions))
    place = {name: i for i, name in enumerate(names)}
    weights = dict(prior)
    for _ in range(rounds):
        gradient = [(prior[n] - weights[n]) / SPREAD ** 2 for n in names]
        curvature = [[(i == j) / SPREAD ** 2 for j in range(len(names))] for i in range(len(names))]
        for question in questions:
            add_question(question, weights, enough, gradient, curvature, place)
        step = solve(curvature, gradient)
        longest = max(map(abs, step))
        for name, change in zip(names, step):
            weights[name] += change * min(1.0, 1.0 / longest if longest else 1.0)
        if longest < 0.001:
            break
    return weights


def rounded(weights):
    return {name: round(value / STEP) * STEP for name, value in weights.items()}


# ---- How well they answer ----

Figures = collections.namedtuple('Figures', 'right wrong asked invented absent')


def answer(questions, weights, enough):
    right = wrong = asked = invented = absent = 0
    for question in questions:
        scores = [score(c, weights) for c in question.candidates]
        best = max(scores, default=0.0)
        if question.right is None:
            absent += 1
            invented += best >= enough
            continue
        if question.counts < 1:
            continue
        asked += 1
        if best >= enough:
            right += scores[question.right] == best
            wrong += scores[question.right] != best
    return Figures(right, wrong, asked, invented, absent)


def fold_of(author):
    return zlib.crc32(author.encode()) % FOLDS


def cross_validate(sets, prior, enough):
    """How well each set is answered about authors whom the weights have not seen."""
    sums = [Figures(0, 0, 0, 0, 0)] * len(sets)
    for fold in range(FOLDS):
        seen = [q for some in sets for q in some if fold_of(q.author) != fold]
        weights = rounded(fit(seen, prior, enough))
        for i, some in enumerate(sets):
            part = answer([q for q in some if fold_of(q.author) == fold], weights, enough)
            sums[i] = Figures(*map(sum, zip(sums[i], part)))
    return sums


def show(name, figures):
    print('%-28s recall %7.3f %%  precision %7.3f %%  of %d; without a predecessor in the memory %.2f %% are silent'
          % (name, 100.0 * figures.right / max(figures.asked, 1),
             100.0 * figures.right / max(figures.right + figures.wrong, 1), figures.asked,
             100.0 - 100.0 * figures.invented / max(figures.absent, 1)))


# ---- The table in chain.c ----

ENTRY = re.compile(r'(\[PM_EVIDENCE_(\w+)\] = )(-?[\d.]+)(,)')


def read_table(source):
    return {m.group(2): float(m.group(3)) for m in ENTRY.finditer(source)}


def write_table(source, weights):
    return ENTRY.sub(lambda m: m.group(1) + '%g' % weights[m.group(2)] + m.group(4), source)


def read_enough(header=HEADER):
    with open(header) as file:
        return float(re.search(r'#define PM_CHAIN_ENOUGH ([\d.]+)', file.read()).group(1))


def differences(table, weights):
    """Weights more than a step away: a mail that is read better now may move one by that."""
    return ['%s weighs %g in chain.c, %g by the mail' % (name, table.get(name, 0), weights[name])
            for name in sorted(weights) if abs(table.get(name, 0) - weights[name]) > STEP]


# ---- From end to end ----

def find_archive(path):
    """The mail and the answers of a folder; (None, None) when they are not there."""
    if not os.path.isdir(path):
        return (path if os.path.exists(path) else None), None
    mail = sorted(glob.glob(os.path.join(path, '*covers.mbox.xz')))
    answers = sorted(glob.glob(os.path.join(path, '*chains.json')))
    return (mail[0], answers[0]) if mail and answers else (None, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--features', required=True)
    parser.add_argument('--config', required=True)
    parser.add_argument('--answers')
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--check', action='store_true')
    what.add_argument('--write', action='store_true')
    parser.add_argument('archive')
    asked = parser.parse_args()

    mail, known = find_archive(asked.archive)
    if mail is None:
        print('skipped: no mail to fit weights on (%s)' % asked.archive)
        return 77
    known = asked.answers or known
    names, enough = evidence_names(), read_enough()
    prior = {name: PRIOR[name] for name in names}
    archive = read_archive(mail)
    pairs, authors = compare(asked.features, asked.config, archive, names)
    silent = compare(asked.features, asked.config, silence(archive), names)
    if known:
        with open(known) as file:
            answers = {later: said['supersedes'] for later, said in json.load(file).items()}
    else:
        answers = believe(pairs)
    chain = chains(pairs, answers)
    sets = [('as they are', ask(pairs, authors, answers, chain))] if known else []
    sets.append(('silenced', ask(*silent, answers, chain)))

    questions = [q for _, some in sets for q in some]
    weights = rounded(fit(questions, prior, enough))
    with open(TABLE) as file:
        source = file.read()
    table = read_table(source)
    for name in names:
        print('%-16s %6.2f  was %6.2f' % (name, weights[name], table.get(name, 0)))
    for title, some in sets:
        show(title, answer(some, weights, enough))
        show(title + ', as it was', answer(some, {n: table.get(n, 0) for n in names}, enough))
    if asked.write:
        with open(TABLE, 'w') as file:
            file.write(write_table(source, weights))
        return 0
    if asked.check:
        wrong = differences(table, weights)
        for line in wrong:
            print('fit_chains: %s: run fit_chains.py --write' % line)
        return 1 if wrong else 0
    for (title, _), figures in zip(sets, cross_validate([some for _, some in sets], prior, enough)):
        show(title + ', unseen authors', figures)
    return 0


if __name__ == '__main__':
    sys.exit(main())
