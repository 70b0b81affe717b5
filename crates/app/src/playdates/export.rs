//! Writing the agreed playdates to a calendar file.

use romp_domain::Problem;
use romp_domain::view::ExportedFile;

use super::calendar::{belongs, calendar};
use super::list;
use crate::{App, exports};

/// Writes `exports/romp-playdates.ics` in the data folder.
pub(crate) fn export(app: &App) -> Result<ExportedFile, Problem> {
    let views: Vec<_> = list(app)?.into_iter().filter(belongs).collect();
    let path = exports::write(app, "romp-playdates.ics", calendar(&views, app.now()).as_bytes())?;
    Ok(ExportedFile {
        path,
        playdates: views.len() as u32,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{Device, NOW, pet};
    use romp_domain::calls::{CalendarExport, Playdates};
    use romp_domain::time::DAY_MS;
    use romp_domain::{Entity, Pet, Playdate, PlaydateState, PublicPet, Role, TimeSpan, UtcMs};
    use uuid::Uuid;

    fn playdate(pet_id: romp_domain::PetId, hours: i64, state: PlaydateState, other: &str) -> Playdate {
        let start = UtcMs(NOW).plus_ms(hours * 3_600_000);
        let public = PublicPet::of(
            romp_domain::PetId(Uuid::nil()),
            &pet(other),
            jiff::civil::date(2026, 1, 1),
        );
        let was_confirmed = matches!(state, PlaydateState::Confirmed | PlaydateState::Cancelled);
        Playdate {
            pet: pet_id,
            other: public,
            slot: TimeSpan::new(start, start.plus_ms(3_600_000)).unwrap(),
            state,
            area: Some(romp_domain::Area::around(47.6, -122.3).unwrap()),
            confirmed_at: was_confirmed.then_some(UtcMs(NOW)),
            rev: 2,
            ..Playdate::example()
        }
    }

    async fn with_playdates() -> Device {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        for (n, hours, state, other) in [
            (1, 48, PlaydateState::Confirmed, "Bella, “B”; \\ Zoë"),
            (2, 24, PlaydateState::Proposed, "Max"),
            (3, -24, PlaydateState::Cancelled, "Ida"),
            (4, -48, PlaydateState::Confirmed, "Tom"),
        ] {
            device
                .server
                .put(Uuid::from_u128(n), &playdate(rex, hours, state, other));
        }
        device.sync().await;
        device
    }

    async fn order(device: &Device) -> Vec<u128> {
        let views = device.call(Playdates {}).await.unwrap();
        views.iter().map(|view| view.id.0.as_u128()).collect()
    }

    #[tokio::test]
    async fn what_is_over_is_judged_by_the_right_time_whatever_the_clock_shows() {
        let device = with_playdates().await;
        let right = order(&device).await;
        assert_eq!(right, [2, 1, 3, 4]);
        device.clock.advance_ms(4 * DAY_MS);
        device.sync().await;
        assert_eq!(order(&device).await, right, "it was set ahead by four days");
        device.clock.advance_ms(-4 * DAY_MS);
        device.sync().await;
        assert_eq!(order(&device).await, right, "and back again");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_can_read_what_the_app_writes_also_where_an_earlier_version_let_them() {
        use std::fs;
        use std::os::unix::fs::PermissionsExt;
        let mut device = Device::registered().await;
        for again in [false, true] {
            let file = device.call(CalendarExport {}).await.unwrap().path;
            let data = device.dir.path().join("data");
            let all = [
                data.clone(),
                data.join("exports"),
                file.into(),
                data.join("romp.db"),
            ];
            let modes = all
                .clone()
                .map(|path| fs::metadata(path).unwrap().permissions().mode() & 0o777);
            assert_eq!(modes, [0o700, 0o700, 0o600, 0o600], "{again}");
            for path in &all {
                let open = if path.is_dir() { 0o755 } else { 0o644 };
                fs::set_permissions(path, fs::Permissions::from_mode(open)).unwrap();
            }
            device = device.restarted();
        }
    }

    #[tokio::test]
    async fn what_comes_next_is_first_and_a_child_sees_only_what_was_agreed() {
        let owner = with_playdates().await;
        assert_eq!(order(&owner).await, [2, 1, 3, 4]);
        let tablet = owner.paired(Role::Child).await;
        assert_eq!(order(&tablet).await, [1, 3, 4]);
    }

    #[tokio::test]
    async fn the_calendar_has_what_was_agreed_in_neutral_words_and_no_place() {
        let device = with_playdates().await;
        let file = device.call(CalendarExport {}).await.unwrap();
        assert_eq!(file.playdates, 3);
        let text = std::fs::read_to_string(&file.path).unwrap();
        assert!(file.path.ends_with("exports/romp-playdates.ics"), "{}", file.path);
        for line in [
            "UID:00000000-0000-0000-0000-000000000001",
            "SEQUENCE:2",
            "SUMMARY:Playdate: Rex and Bella\\, “B”\\; \\\\ Zoë",
            "STATUS:CANCELLED",
            "STATUS:CONFIRMED",
            "DTSTART:20260923T141320Z",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in:\n{text}");
        }
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 3);
        assert_eq!(text.matches("DTSTAMP").count(), 3);
        for secret in ["LOCATION", "GEO", "47.6", "Max"] {
            assert!(!text.contains(secret), "{secret}");
        }
        assert_eq!(
            device.call(CalendarExport {}).await.unwrap(),
            file,
            "writing again replaces it"
        );
        assert!(device.row::<Pet>(Uuid::nil()).is_none());
    }
}
