# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Words of the rescue applet (apdu.md 3.29), for tests that source it behind lib.sh.
select_rescue=00A4040008A0583FC19B7E4F2100

rescue() { apdu "$select_rescue" "$@"; } # HEX... WANTED
write_phy() { # RECORDS WANTED
    rescue "801C0100$(printf %02X $((${#1} / 2)))$1" "$2"
}
# The device starts again, and PC/SC finds it again, maybe under another name.
reboot_by_rescue() { # [VID:PID]
    local starts
    starts=$(usb state starts)
    rescue 801F0000 9000
    pcscd_off
    ends_with 0 usb until starts $((starts + 1))
    ends_with 0 usb until configured 1
    usb_id=${1:-2E8A:10FD}
    pcscd_on "$usb_id"
}
