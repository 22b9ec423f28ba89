"""What the scripts say, by view; `{…}` is filled in by them. A pair is a singular and a plural."""

from collections.abc import Mapping

from serving.page.file_words import A_YEAR, FIELDS, FILES, Words

SHARE_POTENTIAL = "Share potential"
WINNER_FOUND = "Winning wording found"
INTERNAL = "something went wrong here; it has been logged."
DATABASE_FAILED = "the database failed; it has been logged."

COMMON: Words = {
    "away": "The service does not answer. Trying again…",
    "busy": (
        "The service is busy. Trying again in {n} second…",
        "The service is busy. Trying again in {n} seconds…",
    ),
    "unavailable": "The service cannot answer this right now. Trying again…",
    "unavailable_models_loading": "The models are still loading. Trying again…",
    "unavailable_database_failed": "The database failed. Trying again…",
    "failed": "That did not work: {detail}",
    "key_needed": "This service asks for a key. Whoever runs it can give you one.",
    "key_lacks": "Your key does not allow this. Use another one, or ask whoever runs the service.",
    "key_bad": "This key is not known here, or it has expired.",
    "signed_in": "Signed in as {name}.",
    "key_none": "no key was given.",
    "wrong_field": "{field}: {what}.",
    "wrong_here": "this value cannot be used here",
    "wrong_expected": "expected {expected}",
    "wrong_implausible_time": f"expected {A_YEAR}",
    "wrong_string_too_long": "this is too long",
    "wrong_less_than_equal": "this number is beyond all reason",
    "problem_too_large": "this is too much at once: at most {megabytes} MB. Send a smaller file, "
    "or fewer posts.",
    "problem_queue_full": "too much is waiting already. Try again in a moment.",
    "problem_too_slow": "there was no answer in time, and nothing was kept. Send fewer posts.",
    "problem_not_found": "this is not there any more.",
    "problem_internal": INTERNAL,
    "problem_database_failed": DATABASE_FAILED,
    "versions": "Emotion model {emotion}, share model {share}",
    "interval": "{low} to {high}",
    "odds_in": ("About {a} chance in {b}", "About {a} chances in {b}"),
    "odds_sure": "Almost certain",
    "odds_never": "Very unlikely",
    "posts": ("{n} post", "{n} posts"),
    "col_date": "Date",
    "col_shares": "Shares",
    "anger": "Anger",
    "disgust": "Disgust",
    "fear": "Fear",
    "joy": "Joy",
    "sadness": "Sadness",
    "surprise": "Surprise",
    "valence": "Tone",
    "arousal": "Energy",
    "overall": "Overall",
}

NOTES: Words = {
    "refused": "No forecast for this one.",
    "way_import": "Import past posts",
    "way_published_at": "Set a time",
    "way_platform": "Choose a platform",
    "way_language": "Set the language",
    "way_account_id": "Change the account",
    "way_nearest": "Yes, change it",
    "note_too_short": "There are too few words here to go by: at least 8 letters are needed. "
    "Links, mentions and emoji do not count.",
    "no_text": "An empty row: there is no text in it.",
    "note_unsupported_language": "The model has not learnt this language yet. If it was mistaken "
    "about the language, set it.",
    "note_unsupported_language_given": "The model has not learnt the language that was given "
    "(“{given}”). Correct it, or leave it out.",
    "note_out_of_distribution": "This is unlike any post that the model has learnt from, so a "
    "forecast would be a guess. Plain running text of a post works best.",
    "note_no_history": "No account was given, or none of its earlier posts are known, so the "
    "measure is posts of other accounts. With its past posts imported, it becomes the account's "
    "own.",
    "note_account_without_platform": "An account is given, but no platform: without it the "
    "account's past posts cannot be found, so the measure is posts of other accounts.",
    "note_unknown_account": "No past posts of an account of this name are known on this platform, "
    "so the measure is posts of other accounts.",
    "note_unknown_account_near": "No past posts of an account of this name are known on this "
    "platform, so the measure is posts of other accounts. Did you mean “{nearest}”?",
    "note_before_history": "The planned time is before the first known post of this account "
    "({first}), so nothing of its past counts and the measure is posts of other accounts.",
    "note_planned_in_past": "The planned time has passed: the forecast is what could have been "
    "said then.",
    "note_thin_history": "Only a few of this account's earlier posts are known, so the measure is "
    "posts of other accounts. From 20 imported posts on, it becomes the account's own.",
    "note_immature_counts": "The account's latest posts are too fresh: their shares have not "
    "settled yet, so they do not count.",
    "note_account_changed": "This account's shares have lately been at another level than before: "
    "trust the order of drafts more than the figures.",
    "note_unknown_time": "No planned time: an average of hours and days is assumed and, where the "
    "account's posts are known, that this is its next one at its usual pace.",
    "note_unknown_platform": "No platform chosen: an average of all is assumed.",
    "note_platform_unmeasured": "The model knows too few posts of this platform: the forecast is "
    "what posts elsewhere tell, and how often its range is right here has not been measured.",
    "note_language_uncertain": "The language is not clear from the text.",
    "note_language_unmeasured": "In this language the strength of emotion was learnt without human "
    "ratings: trust the order of posts more than the figures.",
    "note_long_text": "The text is long: what it says was read from its beginning only, about 450 "
    "characters.",
    "note_history_unavailable": "Past posts cannot be read right now; this was scored without "
    "them.",
    "note_mixed_accounts": "The drafts are for several platforms or accounts. “Further than … of "
    "100” sets each beside posts of its own platform or account; the order goes by a score that is "
    "common to all. So these figures may run against the order.",
}

DRAFT: Words = {
    "field_see": "No score yet: see the field “{name}”.",
    "characters": ("{n} character", "{n} characters"),
    "draft_full": "At most {n} characters fit here: the rest of a longer text was left out.",
    "odds_account": "{odds} to beat your usual post",
    "odds_reference": "{odds} to beat the usual post of such an account",
    "odds_short": "{odds} to beat the usual post",
    "place_account": "Further than {n} of 100 of your posts",
    "place_reference": "Further than {n} of 100 posts of other accounts",
    "place_short": "Further than {n} of 100",
    "place_range": "Nine times in ten further than {low} to {high} of 100.",
    "place_worst": "furthest behind",
    "place_best": "furthest ahead",
    "population_account": (
        "Measured against the last post of this account.",
        "Measured against the last {n} posts of this account.",
    ),
    "population_reference": (
        "Measured against {n} post of another account.",
        "Measured against {n} posts of other accounts, each by its own account's standard.",
    ),
    "expected": "Expect {value} shares; nine times in ten it is between {low} and {high}.",
    "expected_unmeasured": "Expect {value} shares, somewhere between {low} and {high}.",
    "place_range_unmeasured": "Somewhere further than {low} to {high} of 100.",
    "range_unmeasured": "How often such a range is right has not been measured on this platform.",
    "past_table": "Your past posts as a table",
    "axis_shares": "shares →",
    "usual": "usually {n}",
    "this_one": "this one {n}",
    "feeling": "Most of all {emotion}, {strength}",
    "feeling_close": "{list}: too close to call",
    "feeling_open": "Several emotions, none clearly ahead",
    "feeling_faint": "Little is felt: {list} at most",
    "feeling_little": "Little is felt",
    "feeling_calm": "It leaves people calm",
    "band_measured": "The dot is the forecast; the truth lies within the band nine times in ten.",
    "band_unmeasured": "The dot is the forecast, the band its doubt; how often the truth lies "
    "within it has not been measured in this language.",
    "strength_0": "barely there",
    "strength_1": "faint",
    "strength_2": "clear",
    "strength_3": "strong",
    "strength_4": "very strong",
    "valence_low": "negative",
    "valence_high": "positive",
    "arousal_low": "calm",
    "arousal_high": "stirred",
    "side_what_and_how": "What rewriting can move",
    "side_who_and_when": "What is fixed: who posts, where and when",
    "reasons_total": "All together {value}. Zero is the post that is to be expected of the account "
    "now, which may be above or below its usual one; one is a clearly better post.",
    "reasons_idle": "Makes no difference: {list}",
    "reasons_absent": "Not given: {list}",
    "absent_account_history": "account (how it has been doing)",
    "absent_account_recall": "account (its posts like this one)",
    "absent_past_history": "past posts (how they have been doing)",
    "absent_past_recall": "past posts (like this one)",
    "column_account_id": "account",
    "column_published_at": "time",
    "column_platform": "platform",
    "column_media_type": "media",
    "reason_text": "What the text says",
    "reason_surface": "Length, emoji, hashtags, links",
    "reason_clock": "When it goes out",
    "reason_history": "How the account has been doing",
    "reason_recall": "How posts like it did for this account",
    "reason_context": "Platform and audience",
    "reason_format": "Media type",
    "reason_emotion": "What it makes people feel",
    "reason_start": "Where every post starts from",
    "effect_none": "makes no difference",
    "effect_up_1": "lifts a little",
    "effect_up_2": "lifts",
    "effect_up_3": "lifts a lot",
    "effect_down_1": "lowers a little",
    "effect_down_2": "lowers",
    "effect_down_3": "lowers a lot",
    "share_potential": SHARE_POTENTIAL,
    "phrases_by": "Mark the phrases by what they do to",
    "phrases_none": "No single phrase stands out: the text works as a whole.",
    "phrases_table": "The phrases as a table",
    "col_phrase": "Phrase",
    "col_effect": "What it adds",
    "mark_up": "adds {value}",
    "mark_down": "takes away {value}",
    "legend_up": "adds",
    "legend_down": "takes away",
    "rewriting": "Other wordings of this account's posts span {low} to {high}: that is how far "
    "rewriting moves a post.",
    "similar_none": "None of the known posts of this account is like this one.",
    "shares": ("{n} share", "{n} shares"),
    "more_alike": ("{n} more post says nearly the same", "{n} more posts say nearly the same"),
    "shares_unknown": "shares not known yet",
    "relative_0": "far below the usual",
    "relative_1": "below the usual",
    "relative_2": "about the usual",
    "relative_3": "above the usual",
    "relative_4": "far above the usual",
    "when_none": "There is nothing to tell about the hours of this week.",
    "when_matters": "The hour matters for this one. The darker, the further it should travel:",
    "when_same": "For this one the hour makes no difference worth planning around. Post when it "
    "suits you.",
    "when_from": "The hours are learnt from the posts of all accounts.",
    "when_odds": "{odds} to beat an ordinary hour",
    "when_plan": "plan it for then",
    "when_zone": "Hours in the time zone {zone}.",
    "version": "Version {name}",
    "version_add": "Another version",
    "version_drop": "Delete version {name}",
    "duel_close": "Too close to call: {odds} that version {first} goes further than {second}",
    "duel_ahead": "Version {first} goes further than {second}: {odds}",
    "duel_band": "Each band holds the truth nine times in ten.",
    "duel_band_unmeasured": "How often a band holds the truth has not been measured on this "
    "platform.",
    "duel_how": "Where bands overlap, either may win. The percentage is the chance to be the best.",
    "duel_words": "The two best, word by word",
    "best": "{n} to be the best",
}

BOARD: Words = {
    "by_lines": "one a line",
    "by_blocks": "empty lines part them; without those, each line is one",
    "file_drop": "Remove the file",
    "fields_fill": "The fields below fill in only what the file leaves empty.",
    "left_out": (
        "{n} draft more than fits was left out.",
        "{n} drafts more than fit were left out.",
    ),
    "cut": (
        "{n} draft is too long: at most {most} characters fit, and the rest was left out.",
        "{n} drafts are too long: at most {most} characters fit, and the rest was left out.",
    ),
    "need_two": "Put in at least two drafts.",
    "too_many": "At most {n} drafts at once.",
    "ranking": ("Ranking {n} draft…", "Ranking {n} drafts…"),
    "ranked": ("{n} draft ranked.", "{n} drafts ranked."),
    "ranked_of": "{n} of {all} drafts ranked.",
    "waiting": "Comparing…",
    "tier": "Tier {n}",
    "tier_all": "all",
    "whole": "Show all of it",
    "less": "Show less",
    "found_none": "No draft fits this search and these filters.",
    "show_all": "Show all drafts",
    "concerns": "This is about {list}.",
    "concerns_many": "This is about {n} of the {all} drafts.",
    "draft_number": "draft {n}",
    "platform_all": "all",
    "own_id": "ID {id}",
    "bands": "Ranges hold the truth nine times in ten.",
    "bands_partly": "Ranges hold the truth nine times in ten; on {list} it was not measured.",
    "bands_unmeasured": "How often ranges hold the truth has not been measured on {list}.",
    "bands_emotions": "For emotions it has not been measured in every language of these drafts.",
    "close": "none is clearly behind the first",
    "unscored": "Not scored",
    "rank": "Place",
    "best_short": "to be the best",
    "ahead": "{odds} to beat the next one",
    "from_row": "row {n} of the file",
    "compare": "compare",
    "pick": "Compare the draft in place {n}",
    "number": "Place {n}",
    "pair_close": "Too close to call: {odds} that number {first} goes further than number {second}",
    "pair_ahead": "Number {first} goes further than number {second}: {odds}",
    "verdict_ahead": "One draft is ahead: {odds} to beat the next",
    "verdict_clear": "One draft is clearly ahead: {odds} to beat the next",
    "verdict_tied": (
        "{n} draft shares the lead",
        "{n} drafts share the lead: any of them may turn out the best",
    ),
    "verdict_alone": "Only one of these drafts can be scored: it has no rival",
    "verdict_none": "None of these drafts can be scored",
    "sheet": "Ranking",
    "sheet_heads": "Place|Tier|Draft|Platform|Account|Planned time|Time zone|Media type|Followers|"
    "Paid|Language|Row of the file|"
    "First-place chance, %|Beats the next, %|Further than, of 100|from|to|Expected shares|"
    "Strongest feeling|Its strength, 0–100|Overall strength, 0–100|Not scored because",
    "sheet_how": "No draft is clearly behind the first of its tier.",
    "yes": "yes",
    "no": "no",
    "promise": "A forecast, not a promise: no model can guarantee that a post spreads.",
    "export_failed": "The file could not be made. Try again in a moment.",
}

PAST: Words = {
    "uploading": "Sending the file…",
    "stage_reading": "Reading the rows…",
    "stage_keeping": ("Keeping {n} post…", "Keeping {n} posts…"),
    "imported": ("{n} post was read.", "{n} posts were read."),
    "imported_to": (
        "{n} post was read; the account now has {all}.",
        "{n} posts were read; the account now has {all}.",
    ),
    "missing_given": "Fill that in under “{section}”, then try the file again.",
    "try_again": "Try {name} again",
    "sum_added": "new",
    "sum_updated": "brought up to date",
    "sum_unchanged": "known already",
    "sum_refused": "refused",
    "naive": (
        "{n} time without a zone was taken as {zone}.",
        "{n} times without a zone were taken as {zone}.",
    ),
    "told_apart": (
        "{n} post has the id of a post of another account and is kept apart, as account:id.",
        "{n} posts have the ids of posts of another account and are kept apart, as account:id.",
    ),
    "renamed": (
        "{n} post came under two accounts with one id and text, within a day: taken for one "
        "renamed account's, under the name counted last. If there are two accounts, give each post "
        "an id of its own, such as its link.",
        "{n} posts came under two accounts with one id and text, within a day: taken for one "
        "renamed account's, under the name counted last. If there are two accounts, give each post "
        "an id of its own, such as its link.",
    ),
    "clashes": (
        "{n} post has the id of another post of the account: only the one counted last is kept. "
        "Give each post an id of its own, such as its link; `prescore forget` removes what was "
        "imported.",
        "{n} posts have the id of another post of the account: only the one counted last is kept. "
        "Give each post an id of its own, such as its link; `prescore forget` removes what was "
        "imported.",
    ),
    "duplicates": (
        "{n} earlier count of a post that comes again was left out.",
        "{n} earlier counts of posts that come again were left out.",
    ),
    "blank_texts": (
        "{n} post came without a text: what it got counts, but its words tell nothing.",
        "{n} posts came without a text: what they got counts, but their words tell nothing.",
    ),
    "too_young": (
        "{n} post was counted too soon to be learnt from; import it again later.",
        "{n} posts were counted too soon to be learnt from; import them again later.",
    ),
    "without_shares": (
        "{n} post without a number of shares was left out.",
        "{n} posts without a number of shares were left out.",
    ),
    "refused_download": "Download the refused rows",
    "write_for": "Write for {name}",
    "accounts_none": "None yet. Import past posts, and they stand here.",
    "accounts_table": "Accounts with imported posts",
    "accounts_heads": "Account|Platform|Posts|First|Last",
}

ROOM: Words = {
    "kind_emotion": "Emotion",
    "kind_share": SHARE_POTENTIAL,
    "room_empty": "No model is registered yet.",
    "standing_champion": "Champion",
    "standing_challenger": "Challenger",
    "standing_previous": "Champion before",
    "crowned_by_gate": "The gate made it champion.",
    "crowned_by_person": "A person made it champion.",
    "crowned_by_prescore": "It came with prescore as champion.",
    "gate_objected": "The gate had not:",
    "gate_not_asked": "The gate was not asked.",
    "no_champion": "Nobody reigns.",
    "no_challenger": "Nobody challenges. The next training that does not win at once stands here.",
    "no_previous": "There was none before: nothing to roll back to.",
    "version_number": "version {n}",
    "serving": "scores now",
    "no_metrics": "It came with the service; its figures are in its card below.",
    "details": "Details",
    "promote": "Promote",
    "rollback": "Roll back to it",
    "other_versions": ("{n} other version", "{n} other versions"),
    "sure_promote": "{name}: make version {n} the champion?",
    "sure_back": "{name}: back to version {n}?",
    "sure_text": "It scores everything from now on, here and on the command line. You can "
    "take this back.",
    "moving": "Changing the champion…",
    "moved": "{name}: version {n} scores now.",
    "moved_soon": "{name}: version {n} is the champion and takes over in a moment.",
    "moved_refused": "Version {n} is the champion, but the service refused it and serves on with "
    "the one before: {why}",
    "card_table": "Table of the model card",
    "rows": ("{n} held-out row", "{n} held-out rows"),
    "metric_mean_pearson": "Agreement with people (mean Pearson)",
    "metric_pearson": "Agreement with people (Pearson)",
    "metric_mae": "Mean error",
    "metric_coverage_90": "Truth inside the 90% interval",
    "metric_within_account_spearman": "Order inside an account (Spearman)",
    "metric_pair_accuracy_2x": "Pairs at least 2× apart put right",
    "metric_interval_width": "Width of the interval (log shares)",
    "metric_accuracy": WINNER_FOUND,
    "metric_comparison_accuracy": WINNER_FOUND,
    "metric_log_loss": "Surprise at the winner (log loss)",
    "rival_account_median": "account's median",
    "rival_length": "text length",
    "rival_tfidf_ridge": "TF-IDF",
    "rival_constant": "constant",
    "rival_longer_wins": "longer wins",
    "rival_champion": "champion so far",
    "by_language": "{metric}, by language",
    "by_platform": "{metric}, by platform",
    "by_target": "{metric}, by emotion",
    "language_unknown": "unknown",
    "wanted_90": "The dashed line is the 90% that is promised.",
    "curve_beats_median": "Beats the usual post",
    "curve_comparisons": "Which wording wins",
    "as_table": "As a table",
    "col_forecast": "Forecast",
    "col_observed": "Came true",
    "col_rows": "Rows",
}

BY_VIEW: Mapping[str, tuple[Words, ...]] = {
    "/": (COMMON, FIELDS, NOTES, DRAFT),
    "/rank": (COMMON, FIELDS, NOTES, DRAFT, FILES, BOARD),
    "/past": (COMMON, FIELDS, FILES, PAST),
    "/models": (COMMON, ROOM),
}
"""Path of a view -> what its scripts may say."""

ALL: Words = {
    key: words for view in BY_VIEW.values() for part in view for key, words in part.items()
}
