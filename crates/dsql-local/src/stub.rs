#![allow(missing_docs, dead_code)]
pub use aws::*;
mod aws { 
#[derive(Clone,Debug)] pub struct Credentials(String,String);
impl Credentials { pub fn new(a:String,b:String,_:Option<()>,_:Option<()>,_:&str)->Self{Self(a,b)} pub fn access_key_id(&self)->&str{&self.0} pub fn secret_access_key(&self)->&str{&self.1}}
#[derive(Debug)] pub struct Config; impl Config { pub fn new(_:&str)->Self{Self} pub fn port(&mut self,_:u16)->&mut Self{self} pub fn user(&mut self,_:&str)->&mut Self{self} pub fn dbname(&mut self,_:&str)->&mut Self{self} pub fn region(&mut self,_:&str)->&mut Self{self} pub fn sslrootcert(&mut self,_:&std::path::Path)->&mut Self{self} pub fn credentials(&mut self,_:Credentials)->&mut Self{self}}
pub enum Action{DbConnectAdmin}
pub struct Token; impl Token{pub fn expose(&self)->&str{""}}
pub const MAX_TOKEN_DURATION: std::time::Duration = std::time::Duration::from_secs(604800);
pub fn sign(_:&str,_:&str,_:Action,_:&Credentials,_:std::time::Duration,_:std::time::SystemTime)->Token{Token}
pub mod verify { pub struct Expected<'a>{pub user:&'a str,pub hosts:&'a [&'a str],pub region:&'a str,pub now:std::time::SystemTime,pub secret_for:&'a dyn Fn(&str)->Option<super::Credentials>}
 pub struct R; impl R{pub fn message(&self)->&str{""} pub fn detail(&self)->Option<&str>{None}}
 pub fn verify(_:&str,_:&Expected<'_>)->Result<(),R>{Ok(())}}
}
