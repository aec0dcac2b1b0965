//! A report as one self-contained page: in, the report as JSON, and a title; out, HTML that asks the network for
//! nothing.
//!
//! The report goes into the page as data, every `<`, `>` and `&` written as an escape, so that no name in it can end
//! the element or begin another; the script puts text into the page as text only.

const TEMPLATE: &str = include_str!("report.html");

/// The page of a report.
#[must_use]
pub fn html(report_json: &str, title: &str) -> String {
    // The data last: it may hold anything, the placeholders' names too.
    let (head, rest) = TEMPLATE.split_once("{{title}}").unwrap_or((TEMPLATE, ""));
    let (body, tail) = rest.split_once("{{report}}").unwrap_or((rest, ""));
    [head, &as_text(title), body, &as_data(report_json), tail].concat()
}

fn as_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// JSON that no parser of HTML can mistake for markup; U+2028 and U+2029 end a line in old scripts.
fn as_data(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_report_can_leave_its_element() {
        let json = serde_json::to_string(
            &serde_json::json!({"group": "</script><script>alert(1)</script>{{title}}&"}),
        );
        let page = html(&json.unwrap(), "<b>{{report}}</b>");
        assert!(!page.contains("alert(1)</script>") && !page.contains("<b>"));
        assert_eq!(page.matches("<script").count(), TEMPLATE.matches("<script").count());
        let data = page.split_once("application/json\">").unwrap().1.split_once("</script>").unwrap().0;
        let back: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(back["group"], "</script><script>alert(1)</script>{{title}}&");
    }

    #[test]
    fn the_page_asks_the_network_for_nothing() {
        for word in ["http:", "https:", "src=", "@import", "url(", "fetch(", "innerHTML", "eval("] {
            let mut text = TEMPLATE.to_owned();
            // The name of a namespace is no address.
            text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains(word), "{word}");
        }
        assert_eq!((TEMPLATE.matches("{{title}}").count(), TEMPLATE.matches("{{report}}").count()), (1, 1));
    }
}
