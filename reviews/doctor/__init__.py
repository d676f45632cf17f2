"""What people who run the product themselves trip over, looked at one by one, each with how to mend it.

`manage.py doctor` prints it. Nothing here changes anything; the network is only touched to reach the broker, the mail
server and, where it is given, the public address, and never for longer than ten seconds.
"""

from reviews.doctor.address import check_address
from reviews.doctor.findings import Finding, Level
from reviews.doctor.machine import check_machine
from reviews.doctor.mail import check_mail
from reviews.doctor.parts import check_parts
from reviews.doctor.setup import check_setup

__all__ = ["Finding", "Level", "check_address", "check_machine", "check_mail", "check_parts", "check_setup"]
