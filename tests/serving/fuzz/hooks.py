"""What schemathesis cannot read from the document: posts are planned in this century."""

from datetime import UTC, datetime

import schemathesis
from hypothesis import strategies as st

PLANNED = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))

schemathesis.openapi.format("date-time", PLANNED.map(datetime.isoformat))
