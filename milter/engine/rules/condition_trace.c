/* SPDX-License-Identifier: BSD-2-Clause */
/* condition_trace - how near a condition came to holding; see condition_trace.h. */
#include "condition_trace.h"

#include "condition_tree.h"

/* Fields that so many letters share that a rule is not nearer for them. */
static const char *const shared_fields[] = {
    "kind", "project", "prefix", "path.how", "list", "list-tag", "addressee", "tag", "reply",
};

static bool is_shared(const pm_term *term)
{
    for (size_t i = 0; i < sizeof(shared_fields) / sizeof(shared_fields[0]); i++)
        if (pm_slice_equal(term->name, pm_slice_of(shared_fields[i])))
            return true;
    return false;
}

static pm_trace trace(const pm_condition *condition, pm_view *view, bool wanted);

/* All of them must come out so: what fails adds up. */
static pm_trace trace_all(const pm_condition *child, pm_view *view, bool wanted)
{
    pm_trace all = {.holds = true};

    for (; child != NULL; child = child->next) {
        pm_trace one = trace(child, view, wanted);

        all.holds = all.holds && one.holds;
        all.failed += one.failed;
        all.telling += one.telling;
        if (all.test == NULL) {
            all.test = one.test;
            all.token_count = one.token_count;
        }
    }
    return all;
}

/* One of them must: the nearest counts. */
static pm_trace trace_any(const pm_condition *child, pm_view *view, bool wanted)
{
    pm_trace best = {.holds = false};
    bool first = true;

    for (; child != NULL; child = child->next) {
        pm_trace one = trace(child, view, wanted);

        if (first || one.failed < best.failed ||
            (one.failed == best.failed && one.telling > best.telling))
            best = one;
        first = false;
    }
    return best;
}

/* wanted false: below a "not", where a test shall fail. */
static pm_trace trace(const pm_condition *condition, pm_view *view, bool wanted)
{
    pm_trace one = {.holds = false};

    switch (condition->test) {
    case PM_TEST_ALL:
        return wanted ? trace_all(condition->children, view, wanted)
                      : trace_any(condition->children, view, wanted);
    case PM_TEST_ANY:
        return wanted ? trace_any(condition->children, view, wanted)
                      : trace_all(condition->children, view, wanted);
    case PM_TEST_NOT:
        one = trace(condition->children, view, !wanted);
        if (one.test != NULL && condition->tokens != NULL) {
            one.test = condition->tokens;
            one.token_count = condition->token_count;
        }
        return one;
    case PM_TEST_PRESENT:
    case PM_TEST_IN:
    case PM_TEST_UNDER:
    case PM_TEST_MATCHES:
    case PM_TEST_NUMBER:
        break;
    }
    one.holds = pm_condition_holds(condition, view) == wanted;
    if (one.holds) {
        /* Most letters pass what they shall not have. */
        one.telling = wanted && !is_shared(condition->term);
        return one;
    }
    one.failed = 1;
    one.test = condition->tokens;
    one.token_count = condition->token_count;
    return one;
}

pm_trace pm_condition_trace(const pm_condition *condition, pm_view *view)
{
    return trace(condition, view, true);
}

pm_slice pm_trace_text(pm_arena *arena, const pm_trace *of)
{
    pm_slice text = PM_EMPTY;

    for (size_t i = 0; i < of->token_count && text.data != NULL; i++) {
        const pm_token *token = &of->test[i];
        const char *gap = i == 0 ? "" : " ";

        switch (token->type) {
        case PM_TOKEN_STRING:
            text = pm_print(arena, "%.*s%s\"%.*s\"", PM_FMT(text), gap, PM_FMT(token->text));
            break;
        case PM_TOKEN_PATTERN:
            text = pm_print(arena, "%.*s%s/%.*s/%.*s", PM_FMT(text), gap, PM_FMT(token->text),
                            PM_FMT(token->flags));
            break;
        case PM_TOKEN_WORD:
        case PM_TOKEN_OPERATOR:
            text = pm_print(arena, "%.*s%s%.*s", PM_FMT(text), gap, PM_FMT(token->text));
            break;
        }
    }
    return text.data == NULL ? PM_EMPTY : text;
}
