"""The first step of every run: each row of a source is accounted for."""

from __future__ import annotations

from candor.accounting.anonymity import without_alone
from candor.accounting.context import Context
from candor.accounting.count_tables import AccountedCounts, account_counts
from candor.accounting.records import Accounted, account
from candor.accounting.withholding import published_schema
from candor.portal.counts_model import CountsConfig


def account_rows(context: Context, name: str) -> Accounted:
    """Account for every row of a data set."""
    dataset = context.portal.datasets[name]
    with context.steps.step("Reading and accounting for rows", name):
        return account(
            dataset, published_schema(dataset), context.portal.root,
            crosswalk=context.portal.crosswalks.get(dataset.crosswalk, ()), taxonomy=context.taxonomy_of(name),
            places=context.places, engine=context.engine, now=context.now,
            zone=context.portal.config.time_zone, scratch=context.scratch,
        )  # fmt: skip


def read_rows(context: Context, name: str) -> Accounted:
    """The same, without the rows that stand alone where the data set's file allows so many of them to be withheld."""
    return without_alone(context, account_rows(context, name))


def read_counts(context: Context, dataset: CountsConfig) -> AccountedCounts:
    """Account for every line of a data set of counts; nothing is published."""
    pack = context.with_places
    with context.steps.step("Reading and accounting for lines", dataset.name):
        return account_counts(dataset, pack, context.portal.root, context.now.date(), context.scratch)
