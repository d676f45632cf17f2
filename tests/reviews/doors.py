"""The two doors of an import, the page and the command line, and what each says of a file."""

from pathlib import Path

from django.test import Client
from django.urls import reverse

from projects.models import Program
from reviews.imports.columns import Reading, own_reading
from reviews.imports.refusals import Refusal
from reviews.models import Upload
from reviews.services.uploads import head_of, work_on
from tests.reviews.files import import_file


def send(client: Client, program: Program, path: Path):
    with path.open("rb") as file:
        return client.post(reverse("upload_create", args=[program.slug]), {"file": file})


def answers(reading: Reading) -> dict:
    """What a person chooses in the form, to read a file so."""
    data = {"layout": reading.layout, "goals": list(reading.goals), **reading.columns}
    data |= {"decimal": reading.decimal, "dates": reading.dates, "every_direction": reading.direction}
    return data if reading.target is None else data | {"every_target": str(reading.target)}


def check(client: Client, upload: Upload, **said) -> Upload:
    """The columns named as the product names them, and the job that checks the file done."""
    reading = own_reading(head_of(upload).header, **said)
    client.post(reverse("upload_check", args=[upload.pk]), answers(reading))
    work_on(upload.pk)
    upload.refresh_from_db()
    return upload


def refused_by_the_page(client: Client, program: Program, path: Path, **said) -> list[str]:
    response = send(client, program, path)
    if response.status_code == 422:
        return [str(error) for error in response.context["form"].errors["file"]]
    upload = check(client, Upload.objects.latest("pk"), **said)
    if upload.state == Upload.State.MAPPING:
        form = client.post(reverse("upload_check", args=[upload.pk]), answers(own_reading([], **said)))
        return [str(error) for errors in form.context["columns"].errors.values() for error in errors]
    return [str(Refusal(why, row, column, found)) for row, column, found, why in upload.refusals]


def refused_by_the_command(program: Program, path: Path, **said) -> list[str]:
    options = [f"--{name}={value}" for name, value in said.items()]
    return import_file(path, *options, program=program.name).reasons
