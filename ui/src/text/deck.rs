//! What the deck says when there is no card.

use romp_domain::view::EmptyDeck;

/// Why there is no card: a title and a sentence. To a child everything is fine as it is, and what needs doing is a
/// grown-up's; an owner is told what to do.
pub(crate) fn empty_deck(why: EmptyDeck, pet: &str, for_child: bool) -> (String, String) {
    let (title, sentence) = match (why, for_child) {
        (EmptyDeck::AllDone, true) => (
            "All done!".to_owned(),
            format!("You looked at every card for {pet}. Time to play!"),
        ),
        (EmptyDeck::AllDone, false) => (
            "All done".to_owned(),
            format!("Every card for {pet} has an answer. New ones come when families nearby join."),
        ),
        (EmptyDeck::OnlyLater, _) => (
            "Only “Later” cards are left".to_owned(),
            "Would you like to see them again?".to_owned(),
        ),
        (EmptyDeck::NoConsent, true) => (
            "No cards yet".to_owned(),
            "A grown-up has to switch the cards on first.".to_owned(),
        ),
        (EmptyDeck::NoConsent, false) => (
            "No cards yet".to_owned(),
            "Families see each other's pets only when both agree. You can agree in the family's settings.".to_owned(),
        ),
        (EmptyDeck::PetHidden, true) => (
            format!("{pet} is not looking for friends now"),
            "A grown-up can change that.".to_owned(),
        ),
        (EmptyDeck::PetHidden, false) => (
            format!("{pet} is hidden"),
            "Hidden pets are shown to nobody and see no cards. Switch “Show to other families” on in its profile.".to_owned(),
        ),
        (EmptyDeck::PetRests, true) => (
            format!("{pet} is resting"),
            "Resting comes first. The cards wait.".to_owned(),
        ),
        (EmptyDeck::PetRests, false) => (
            format!("{pet} is resting"),
            "It meets nobody until its rest is over. The cards come back by themselves.".to_owned(),
        ),
        (EmptyDeck::NoWeight | EmptyDeck::NoVenue, true) => (
            "No cards yet".to_owned(),
            format!("A grown-up has to fill in a little more about {pet} first."),
        ),
        (EmptyDeck::NoWeight, false) => (
            format!("How heavy is {pet}?"),
            "Dogs play safely with dogs of about their own weight. Enter it in the profile; others see only a size."
                .to_owned(),
        ),
        (EmptyDeck::NoVenue, false) => (
            format!("Where could {pet} meet others?"),
            "Cats meet indoors, rabbits and guinea pigs indoors or in a yard. Tick such a place in the family's settings."
                .to_owned(),
        ),
        (EmptyDeck::NoArea, true) => (
            "No cards yet".to_owned(),
            "A grown-up has to say where you live first.".to_owned(),
        ),
        (EmptyDeck::NoArea, false) => (
            "Where do you live?".to_owned(),
            "Choose your town or postal code in the family's settings, so that pets nearby can be found.".to_owned(),
        ),
        (EmptyDeck::NoHours, true) => (
            "No cards yet".to_owned(),
            "A grown-up has to say when you have time to play.".to_owned(),
        ),
        (EmptyDeck::NoHours, false) => (
            "When do you have time?".to_owned(),
            "Add the hours in which your family could meet others.".to_owned(),
        ),
        (EmptyDeck::NotSynced, _) => (
            "The cards are still on their way".to_owned(),
            "They come as soon as there is a connection.".to_owned(),
        ),
        (EmptyDeck::NobodyNear, true) => (
            "Nobody new nearby".to_owned(),
            format!("No pet near {pet} today. Come back another day!"),
        ),
        (EmptyDeck::NobodyNear, false) => (
            "Nobody near fits yet".to_owned(),
            "A wider travel distance, more free hours or more sizes may bring cards.".to_owned(),
        ),
    };
    (title, sentence)
}
