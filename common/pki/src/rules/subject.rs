//! Rules about the attributes of a subject: string types, lengths, country, what a tool left in.

use super::case::NamesCase;
use super::rule::{Check, Evidence, Outcome, Rule, Severity};
use crate::name::{Attribute, AttributeType};

/// Rules about subjects.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "subject.string_type",
        severity: Severity::Warning,
        title: "attributes are PrintableString or UTF8String; C and serialNumber PrintableString, emailAddress and DC IA5String",
        citation: "RFC 5280 section 4.1.2.4 and Appendix A.1",
        why: "names are compared by their encoding: the same name in another type does not chain",
        fix: "make the request again with a current tool, in UTF-8",
        turns_clients_away: false,
        check: Check::Names(string_type),
    },
    Rule {
        id: "subject.characters",
        severity: Severity::Warning,
        title: "attributes hold only characters their string type has",
        citation: "X.680 section 41; RFC 5280 Appendix A.1",
        why: "strict programs refuse the whole document, others show something else",
        fix: "make the request again with a current tool, in UTF-8",
        turns_clients_away: false,
        check: Check::Names(characters),
    },
    Rule {
        id: "subject.too_long",
        severity: Severity::Warning,
        title: "attributes are no longer than the standard allows",
        citation: "RFC 5280 Appendix A.1, upper bounds (ub-common-name 64, ub-organization-name 64, ...)",
        why: "programs with fixed fields cut the value or refuse the document",
        fix: "shorten the value; a long host name belongs among the SANs only",
        turns_clients_away: false,
        check: Check::Names(too_long),
    },
    Rule {
        id: "subject.country",
        severity: Severity::Warning,
        title: "C is a country code of two capital letters",
        citation: "RFC 5280 Appendix A.1 (X520countryName); ISO 3166-1 alpha-2",
        why: "CAs and directories refuse what is no country code",
        fix: "write the two-letter code, for instance DE, GB, US",
        turns_clients_away: false,
        check: Check::Names(country),
    },
    Rule {
        id: "subject.repeated",
        severity: Severity::Warning,
        title: "no attribute but OU and DC occurs twice",
        citation: "RFC 5280 section 4.1.2.4; CA/B BR 7.1.4.1",
        why: "which of them a program shows or compares is its own choice",
        fix: "keep one value of each attribute",
        turns_clients_away: false,
        check: Check::Names(repeated),
    },
    Rule {
        id: "subject.placeholder",
        severity: Severity::Warning,
        title: "no attribute is empty, a dash, or the default of a tool",
        citation: "CA/B BR 7.1.4.2; openssl.cnf: Some-State, Internet Widgits Pty Ltd, Default Company Ltd",
        why: "nobody meant this value, and it would be certified",
        fix: "fill the attribute in, or leave it out",
        turns_clients_away: false,
        check: Check::Names(placeholder),
    },
    Rule {
        id: "subject.ou",
        severity: Severity::Error,
        title: "the subject has no OU",
        citation: "CA/B BR 7.1.4.2, ballot SC47v2 (since 2022-09-01)",
        why: "public CAs cannot validate what stands there",
        fix: "leave OU out",
        turns_clients_away: false,
        check: Check::Names(ou),
    },
];

/// One evidence for each attribute with a fault.
fn each(case: &NamesCase<'_>, fault: impl Fn(&Attribute) -> Option<String>) -> Outcome {
    let mut attributes = case.subject.rdns().iter().flatten().peekable();
    if attributes.peek().is_none() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(attributes.filter_map(|attribute| {
        fault(attribute)
            .map(|fault| Evidence::new(format!("{} {} {fault}", attribute.keyword(), attribute.value)))
    }))
}

const UTF8: u32 = 12;
const PRINTABLE: u32 = 19;
const IA5: u32 = 22;

fn string_type(case: &NamesCase<'_>) -> Outcome {
    each(case, |attribute| {
        let (allowed, expected): (&[u32], _) = match attribute.kind() {
            Some(AttributeType::Country | AttributeType::SerialNumber) => (&[PRINTABLE], "PrintableString"),
            Some(AttributeType::EmailAddress | AttributeType::DomainComponent) => (&[IA5], "IA5String"),
            Some(
                AttributeType::State
                | AttributeType::Locality
                | AttributeType::Organization
                | AttributeType::OrganizationalUnit
                | AttributeType::CommonName
                | AttributeType::Street
                | AttributeType::PostalCode,
            ) => (&[PRINTABLE, UTF8], "PrintableString or UTF8String"),
            None => return None,
        };
        let found = attribute.string_tag;
        (!allowed.contains(&found)).then(|| format!("is a {}, expected {expected}", type_name(found)))
    })
}

fn type_name(tag: u32) -> String {
    match tag {
        UTF8 => "UTF8String".to_owned(),
        PRINTABLE => "PrintableString".to_owned(),
        20 => "T61String".to_owned(),
        IA5 => "IA5String".to_owned(),
        28 => "UniversalString".to_owned(),
        30 => "BMPString".to_owned(),
        other => format!("value with tag {other}"),
    }
}

fn characters(case: &NamesCase<'_>) -> Outcome {
    let printable = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    each(case, |attribute| {
        let outside = attribute.is_hex
            || (attribute.string_tag == PRINTABLE && !attribute.value.raw().chars().all(printable));
        outside.then(|| format!("has characters a {} has not", type_name(attribute.string_tag)))
    })
}

fn too_long(case: &NamesCase<'_>) -> Outcome {
    each(case, |attribute| {
        // The form of a country is `subject.country`.
        let most = attribute.kind().filter(|kind| *kind != AttributeType::Country)?.max_chars();
        let length = attribute.value.raw().chars().count();
        (length > most).then(|| format!("has {length} characters, expected at most {most}"))
    })
}

fn country(case: &NamesCase<'_>) -> Outcome {
    each(case, |attribute| {
        attribute.kind().filter(|kind| *kind == AttributeType::Country)?;
        (!is_country(attribute.value.raw())).then(|| "is no country code".to_owned())
    })
}

fn is_country(value: &str) -> bool {
    value.len() == 2 && ISO_3166.split_ascii_whitespace().any(|code| code == value)
}

/// ISO 3166-1 alpha-2, and XX, which BR 7.1.4.2 has for a place without a code.
const ISO_3166: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW \
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN \
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME \
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XX \
    YE YT ZA ZM ZW";

fn repeated(case: &NamesCase<'_>) -> Outcome {
    let once = case.subject.rdns().iter().flatten().filter(|attribute| {
        attribute.kind().is_none_or(|kind| !kind.may_repeat() && kind != AttributeType::Street)
    });
    let repeated = crate::extensions::repeated(once.map(Attribute::keyword));
    Outcome::of(repeated.into_iter().map(|name| Evidence::new(format!("{name} occurs more than once"))))
}

fn placeholder(case: &NamesCase<'_>) -> Outcome {
    const DEFAULTS: [&str; 5] =
        ["Some-State", "Internet Widgits Pty Ltd", "Default City", "Default Company Ltd", "Unknown"];
    each(case, |attribute| {
        let value = attribute.value.raw();
        let says_nothing = value.chars().all(|c| c.is_whitespace() || ".-".contains(c));
        (says_nothing || DEFAULTS.contains(&value)).then(|| "says nothing".to_owned())
    })
}

fn ou(case: &NamesCase<'_>) -> Outcome {
    each(case, |attribute| {
        (attribute.kind() == Some(AttributeType::OrganizationalUnit))
            .then(|| "stands in the subject".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn country_codes_are_those_of_the_standard() {
        assert_eq!(ISO_3166.split_ascii_whitespace().count(), 249 + 1);
        for (value, is) in
            [("DE", true), ("de", false), ("UK", false), ("D", false), ("US ", false), ("", false)]
        {
            assert_eq!(is_country(value), is, "{value}");
        }
    }

    #[test]
    fn string_types_have_the_names_of_the_standard() {
        for (tag, name) in [
            (12, "UTF8String"),
            (19, "PrintableString"),
            (20, "T61String"),
            (22, "IA5String"),
            (28, "UniversalString"),
            (30, "BMPString"),
            (4, "value with tag 4"),
        ] {
            assert_eq!(type_name(tag), name);
        }
    }
}
