"""IEEE 802.1X at the phone's switch port: hostapd asks, wpa_supplicant answers with EAP-TLS.

Both are the real ones, with their drivers for wired links; hostapd is its own RADIUS server. The
router beside the phones stands in for the switch, which lets everything pass all the same.
"""

from __future__ import annotations

from pathlib import Path

from captures.lab.knobs import Phone
from captures.lab.plan import Plan

AUTHENTICATED = "CTRL-EVENT-EAP-SUCCESS"
"""What wpa_supplicant writes when the switch has let the phone in."""
_SERVER = "callmanager"


def authenticator(plan: Plan) -> list[str]:
    """The command line of hostapd."""
    settings, folder = plan.record.dot1x, plan.directory
    users = folder / "eap-users"
    users.write_text("* TLS\n", encoding="utf-8")
    lines = {
        "interface": "to-phone",
        "driver": "wired",
        "logger_stdout": "-1",
        "ieee8021x": "1",
        "use_pae_group_addr": "1" if settings.to_group else "0",
        "eap_reauth_period": "0",
        "eap_server": "1",
        "eap_user_file": str(users),
        "ca_cert": str(_anchors(plan)),
        "server_cert": str(plan.identities / f"{_SERVER}.crt"),
        "private_key": str(plan.identities / f"{_SERVER}.key"),
        "fragment_size": str(settings.server_fragment),
    }
    if settings.maximum != "1.3":
        lines["tls_flags"] = "[DISABLE-TLSv1.3]"
    path = folder / "hostapd.conf"
    path.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    return ["hostapd", str(path)]


def supplicant(plan: Plan, phone: Phone) -> list[str]:
    """The command line of wpa_supplicant."""
    settings = plan.record.dot1x
    own = plan.identities / settings.certificate
    values = {
        "key_mgmt": "IEEE8021X",
        "eap": "TLS",
        "identity": f'"{phone.model}-{phone.name}"',
        "ca_cert": f'"{plan.identities / _SERVER}.crt"',
        "client_cert": f'"{own}.crt"',
        "private_key": f'"{own}.key"',
        "fragment_size": str(settings.phone_fragment),
        "eapol_flags": "0",
        "phase1": f'"tls_disable_tlsv1_3={int(settings.maximum != "1.3")}"',
    }
    network = "".join(f"  {name}={value}\n" for name, value in values.items())
    path = plan.directory / "wpa_supplicant.conf"
    path.write_text(f"ap_scan=0\neapol_version=1\nnetwork={{\n{network}}}\n", encoding="utf-8")
    return ["wpa_supplicant", "-D", "wired", "-i", "eth0", "-c", str(path)]


def _anchors(plan: Plan) -> Path:
    """The issuers of phones' certificates that the server trusts."""
    path = plan.directory / "dot1x-anchors.pem"
    issuers = (plan.identities / f"{name}.crt" for name in plan.record.dot1x.trusts)
    path.write_text("".join(each.read_text(encoding="utf-8") for each in issuers), encoding="utf-8")
    return path
