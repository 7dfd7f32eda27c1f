"""A file that was just brought: what it is, how it will be read, and whether somebody chose that before."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from library.core.errors import N_
from library.staging import remembering, sheets
from library.staging.delimited import CODECS
from library.staging.encodings import ENCODINGS
from library.staging.entry_files import KINDS, EntryFile
from library.staging.headers import Header
from library.staging.importers import Importer
from library.staging.marc.charsets import CHARSETS
from library.staging.remembering import Before
from library.staging.sheets import Plan
from library.staging.sources import Mended
from library.staging.tables import UnreadableFile

_LOOKED_AT = 200  # entries
_NO_ENTRIES = N_("Tệp này là biểu ghi MARC của sách, không phải danh sách như đã chọn.")

ENCODING_NAMES = {
    "": N_("Để nguyên"),
    "tcvn3": N_("TCVN3 (phông .VnTime)"),
    "tcvn3-capitals": N_("TCVN3 chữ hoa (phông .VnTimeH)"),
    "vni": N_("VNI (phông VNI-Times)"),
    "viscii": N_("VISCII (phông VI)"),
    "vps": N_("VPS (phông VPS)"),
    "viqr": N_("VIQR (gõ dấu bằng ký hiệu)"),
    "utf-8-misread": N_("UTF-8 bị đọc nhầm"),
    "cp1258-misread": N_("Windows-1258 bị đọc nhầm"),
    "tcvn3-through-1258": N_("TCVN3 bị đọc qua Windows-1258"),
    "vni-through-1258": N_("VNI bị đọc qua Windows-1258"),
}
CODEC_NAMES = {
    "": N_("Máy tự tìm"),
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1258": "Windows-1258",
    "latin-1": N_("Một byte một chữ (TCVN3, VNI …)"),
}
CHARSET_NAMES = {
    **ENCODING_NAMES,
    "": N_("Máy tự tìm"),
    "utf-8": "UTF-8",
    "marc-8": "MARC-8",
    "cp1258": "Windows-1258",
    "latin-1": "Latin-1",
}


def look(
    session: Session, table: Mended | EntryFile, importer: Importer, library_id: int, name: str
) -> Mapping[str, Any]:
    """The choices a load begins with. Raises UnreadableFile."""
    before = remembering.chosen_before(session, library_id, importer.kind)
    if isinstance(table, EntryFile):
        return _answered(_look_at_entries(table, importer, before), importer, name, before)
    codec = remembering.codec_before(name, before) if table.codec else ""
    if codec in CODECS:
        table.recode(codec)
    plans, named = [], ""
    for plan in sheets.look(table, importer):
        like, file = remembering.as_before(plan, before)
        named = named or file
        plans.append(sheets.look_mended(table, importer, like, like.encodings) if file else plan)
    told = {"sheets": [plan.to_json() for plan in plans], "answers": {}, "like": named}
    told = {**told, "codec": codec} if table.codec else told
    return _answered(told, importer, name, before)


def _answered(told: Mapping[str, Any], importer: Importer, name: str, before: Before) -> Mapping[str, Any]:
    """With what was answered for this source the last time."""
    sources = [one["source"] for one in (*told["sheets"], told.get("entries") or {}) if one.get("source")]
    answers, file = remembering.answered_before(name, sources, before, importer.lasting)
    return {**told, "answers": answers, "like": told["like"] or file}


def _look_at_entries(table: EntryFile, importer: Importer, before: Before) -> Mapping[str, Any]:
    if importer.entries is None:
        raise UnreadableFile(_NO_ENTRIES)
    profile = importer.entries.guess(islice(table.entries(), _LOOKED_AT))
    guessed = {"kind": table.kind, "profile": profile, "charset": "", "source": f"{table.kind}:{profile}"}
    told, like = remembering.entries_before(guessed, before)
    return {"sheets": [_entry_plan(table, importer).to_json()], "answers": {}, "entries": told, "like": like}


def _entry_plan(table: EntryFile, importer: Importer) -> Plan:
    """The preview's columns stand where a list has its own."""
    keys = importer.entries.cells if importer.entries else ()
    header = Header(0, {key: place for place, key in enumerate(keys)})
    names = tuple((place, importer.label(key)) for place, key in enumerate(keys))
    return Plan(table.name, table.size(table.name), True, header, names, entries=True)


# Choosing anew


def chosen(
    table: Mended | EntryFile, importer: Importer, choices: Mapping[str, Any], form: Mapping[str, str]
) -> dict[str, Any]:
    """The choices with what the form says of encodings, programs and profiles; columns are told by sheets."""
    if isinstance(table, EntryFile):
        return {**choices, **_entries_chosen(importer, choices, form)}
    plans = [Plan.from_json(told) for told in choices.get("sheets", ())]
    codec = form.get("codec", choices.get("codec", ""))
    if codec != choices.get("codec", "") and codec in CODECS:
        table.recode(codec)
        anew = sheets.look(table, importer)
        return {**choices, "codec": codec, "sheets": [plan.to_json() for plan in anew], "chosen": True, "like": ""}
    changed = [_sheet_chosen(table, importer, plan, form) for plan in plans]
    return {**choices, "sheets": [plan.to_json() for plan in changed], "chosen": True, "like": ""}


def _entries_chosen(importer: Importer, choices: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    told = dict(choices["entries"])
    if importer.entries and form.get("profile") in dict(importer.entries.profiles):
        told["profile"] = form["profile"]
    if form.get("charset") in CHARSETS:
        told["charset"] = form["charset"]
    return {"entries": told, "chosen": bool(choices.get("chosen")) or told != choices["entries"], "like": ""}


def _sheet_chosen(table: Mended, importer: Importer, plan: Plan, form: Mapping[str, str]) -> Plan:
    if form.get("sheet") != plan.name:
        return plan
    if "program" in form and form["program"] in dict(importer.programs) | {"": ""}:
        return sheets.look_as(table, importer, plan, form["program"])
    told = {place: form[f"enc-{place}"] for place in plan.marked if form.get(f"enc-{place}") in ENCODINGS}
    if (every := form.get("enc-all", "same")) in ENCODINGS:
        told = dict.fromkeys(plan.marked, every)
    return sheets.look_mended(table, importer, plan, {**plan.encodings, **told}) if told else plan


def program_names(importer: Importer) -> list[tuple[str, str]]:
    return [("", N_("Bảng do người lập")), *importer.programs]


def kind_name(choices: Mapping[str, Any]) -> str:
    return KINDS.get(choices.get("entries", {}).get("kind", ""), "")


def columns_to_mend(plan: Plan) -> list[tuple[int, str, str]]:
    """(place, name, encoding) of each column that has marked letters; those that are mended first."""
    names = dict(plan.names)
    told = [(place, names.get(place, f"({place + 1})"), plan.encodings.get(place, "")) for place in plan.marked]
    return sorted(told, key=lambda one: not one[2])
