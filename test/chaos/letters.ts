/** Letters by SMTP, through the product's own notifier. */
import { createEmailNotifier, type EmailNotifier } from "../../src/connector/email/notifier.ts";
import { wallNow } from "./loop.ts";
import { MAIL_PASS, MAIL_USER, type OutsideAddress } from "./outside.ts";

export function createLetters(mail: OutsideAddress["mail"]): EmailNotifier {
  return createEmailNotifier({
    ...mail,
    secure: false,
    auth: { user: MAIL_USER, pass: MAIL_PASS },
    from: "Interlock <interlock@company.example.com>",
    now: wallNow,
  });
}
